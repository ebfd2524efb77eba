/**
 * Measures how long a person waits in the studio, in a real Chromium on WebAssembly with two threads: from opening the
 * page with an empty cache to the first preview and to the last frame, then for a second animation, then after a
 * reload. It builds and serves the page and prints medians as Markdown:
 *   npx tsx bench/studio.ts [--rounds 3] [--frames 16] [--steps 20] [--threads 2]
 */

import { parseArgs } from "node:util";
import type { Page } from "playwright";
import { clearEngineLog, type LoggedEvent, loggedEvents, recordEngineLog } from "../e2e/testing/engine-log.ts";
import { drawInFull, unfoldSampling } from "../e2e/testing/panel.ts";
import type { Phase } from "../src/protocol/render.ts";
import { median } from "./open-graph.ts";
import { type ServedStudio, withServedStudio } from "./served-studio.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    frames: { type: "string", default: "16" },
    steps: { type: "string", default: "20" },
    threads: { type: "string", default: "2" },
  },
});
const PORT = 4689;
const RENDER_TIMEOUT_MS = 600_000;
const STAGES = ["start", "download", "convert", "text", "load", "denoise", "decode"] as const;

type Stage = "start" | Phase;

/** Milliseconds since the page was opened or the button was pressed. */
interface Run {
  readonly firstPreview: number;
  readonly lastFrame: number;
  readonly stages: Readonly<Partial<Record<Stage, number>>>;
}

interface Round {
  readonly cold: Run;
  readonly second: Run;
  readonly reloaded: Run;
}

await withServedStudio(PORT, async (studio) => {
  const rounds: Round[] = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    rounds.push(await round(studio));
    console.error(`round ${i + 1}: ${seconds(rounds[i]!.cold.lastFrame)}, ${seconds(rounds[i]!.second.lastFrame)}`);
  }
  print(rounds, studio.browser.version());
});

async function round(studio: ServedStudio): Promise<Round> {
  const context = await studio.visitor(Number(values.threads));
  const page = await context.newPage();
  await recordEngineLog(page);

  await page.goto("./");
  const cold = await animation(page, 0);
  const device = await page.getByRole("button", { name: /^Processor/ }).textContent();
  if (device !== `Processor · ${values.threads} threads`) throw new Error(`it ran on ${device}`);

  const second = await animation(page, await page.evaluate(() => performance.now()));
  await page.reload();
  const reloaded = await animation(page, 0);
  await context.close();
  return { cold, second, reloaded };
}

/** Presses Generate at once; times count from `since`, on the page's clock. */
async function animation(page: Page, since: number): Promise<Run> {
  await drawInFull(page);
  await unfoldSampling(page);
  for (const [name, value] of [
    ["Frames", values.frames],
    ["Steps", values.steps],
  ] as const) {
    const field = page.getByRole("spinbutton", { name, exact: true });
    if ((await field.inputValue()) !== value) await field.fill(value);
  }
  await clearEngineLog(page);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await page.waitForFunction(() => ["done", "failed"].includes(window.engineLog.events.at(-1)?.type ?? ""), undefined, {
    timeout: RENDER_TIMEOUT_MS,
    polling: 200,
  });
  return runOf(await loggedEvents(page), since);
}

function runOf(events: readonly LoggedEvent[], since: number): Run {
  const last = events.at(-1)!;
  if (last.type !== "done") throw new Error(`it ended with ${JSON.stringify(last)}`);
  const stages: Partial<Record<Stage, number>> = {};
  let [stage, began]: [Stage, number] = ["start", since];
  for (const event of events) {
    if (event.type !== "phase" && event.type !== "done") continue;
    stages[stage] = (stages[stage] ?? 0) + event.at - began;
    began = event.at;
    if (event.type === "phase") stage = event.phase;
  }
  const firstPreview = events.find(({ type }) => type === "preview")!.at;
  return { firstPreview: firstPreview - since, lastFrame: last.at - since, stages };
}

function print(rounds: readonly Round[], version: string): void {
  const of = (pick: (round: Round) => number | undefined) => seconds(median(rounds.map((round) => pick(round) ?? 0)));
  const row = (title: string, pick: (run: Run) => number | undefined) =>
    `| ${title} | ${of(({ cold }) => pick(cold))} | ${of(({ second }) => pick(second))} | ${of(({ reloaded }) => pick(reloaded))} |`;
  const words: Readonly<Record<Stage, string>> = {
    start: "page and engine start",
    download: "download (from this machine)",
    pictures: "control pictures",
    convert: "convert",
    text: "text",
    load: "load",
    denoise: "denoise",
    decode: "decode",
  };
  console.log(`Mini, ${values.frames} frames of 128×128, ${values.steps} steps, guidance on; Chromium ${version},`);
  console.log(`WebAssembly, ${values.threads} threads; median of ${rounds.length}.\n`);
  console.log("| | first visit | second animation | after a reload |\n|---|---|---|---|");
  console.log(row("first preview", ({ firstPreview }) => firstPreview));
  console.log(row("last frame", ({ lastFrame }) => lastFrame));
  for (const stage of STAGES) console.log(row(words[stage], ({ stages }) => stages[stage]));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
