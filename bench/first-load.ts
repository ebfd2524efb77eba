/**
 * Measures a first visit: bytes by kind, first paint, time to interactive, layout shifts, and the long tasks on the
 * page's thread while it starts, makes a clip, imports and exports. It builds and serves the page, and opens it in a
 * real Chromium with a profile of its own, so with a disk cache as people have. Prints medians as Markdown:
 *   npx tsx bench/first-load.ts [--rounds 3] [--slowdown 1]
 *
 * Interactive is the first moment after the first paint from which the page's thread has no task of 50 ms or more for
 * five seconds. Blocking time is the sum of what tasks before that take beyond 50 ms each. Both are wall times, so
 * other work on the machine lengthens them; the bench also lists tasks by processor time.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright";
import { findProgram } from "../e2e/find-program.ts";
import { recordEngineLog } from "../e2e/testing/engine-log.ts";
import { kitFile } from "../e2e/testing/model-files.ts";
import {
  type LayoutShift,
  type LongTask,
  longTaskWords,
  recordLayoutShifts,
  recordLongTasks,
} from "../e2e/testing/page-records.ts";
import { Studio } from "../e2e/testing/studio.ts";
import { type CountedPreview, openCountedPreview, type Sent } from "./byte-counting-preview.ts";
import { median } from "./open-graph.ts";
import { recordTaskTimes, type Task } from "./task-times.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    /** Factor by which DevTools slows the page's thread. */
    slowdown: { type: "string", default: "1" },
  },
});
const PORT = 4688;
const QUIET_MS = 5000;
const PHASES = ["starting", "generating", "importing", "exporting"] as const;
type Phase = (typeof PHASES)[number];

/** Paths of the scripts that the page itself, not a worker, asked for. */
interface PageScripts {
  /** Before the engine was ready: all that index.html names or preloads, and what these import as they start. */
  readonly beforeEngine: readonly string[];
  readonly later: readonly string[];
}

const KINDS: readonly (readonly [title: string, belongs: (sent: Sent, scripts: PageScripts) => boolean])[] = [
  ["page: HTML, icon, manifests", ({ path }) => /\.(html|svg|png|json|webmanifest)$/.test(path)],
  ["page: CSS", ({ path }) => path.endsWith(".css")],
  ["page: JavaScript before the engine", ({ path }, { beforeEngine }) => beforeEngine.includes(path)],
  ["page: JavaScript after that", ({ path }, { later }) => later.includes(path)],
  ["fonts", ({ path }) => /\.woff2?$/.test(path)],
  ["JavaScript of workers and dialogs", ({ path }) => /\.m?js$/.test(path)],
  ["onnxruntime's wasm", ({ path }) => path.endsWith(".wasm")],
  ["vocabulary", ({ path }) => path.startsWith("tokenizer/")],
  ["Mini's weights, with the first clip", ({ path }) => path.startsWith("models/")],
];

interface Round {
  readonly firstPaint: number;
  readonly interactive: number;
  readonly engineReady: number;
  readonly blocking: number;
  readonly shifts: Readonly<Record<Phase, readonly LayoutShift[]>>;
  readonly longTasks: Readonly<Record<Phase, readonly LongTask[]>>;
  readonly tasks: ReadonlyMap<string, readonly Task[]>;
  readonly scripts: PageScripts;
  readonly sent: readonly Sent[];
}

const server = await openCountedPreview(PORT);
try {
  const rounds: Round[] = [];
  for (let i = 0; i < Number(values.rounds); i++) rounds.push(await round(server));
  print(rounds, server);
} finally {
  await server.close();
}

async function round({ url, sent }: CountedPreview): Promise<Round> {
  const executablePath = findProgram("chromium");
  if (executablePath === null) throw new Error("No Chromium found: set PLAYWRIGHT_CHROMIUM to its path.");
  const profile = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: ["--no-sandbox"], baseURL: url });
  const before = sent.length;
  const files = ["tiny-sd15", "motion-v3"].map(kitFile).map(({ name, bytes }) => {
    const path = join(profile, name);
    writeFileSync(path, bytes);
    return path;
  });
  try {
    const page = context.pages()[0]!;
    await recordEngineLog(page);
    const longTasks = await recordLongTasks(page);
    const shifts = await recordLayoutShifts(page);
    const taskTimes = await recordTaskTimes(page);
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: Number(values.slowdown) });
    await recordEngineReady(page);
    await page.goto("./");
    // Playwright's own polling would run on the page's thread.
    await page.waitForTimeout(QUIET_MS);
    await quiet(page, longTasks);
    const engineReady = await page.evaluate(() => window.engineReadyAt ?? Number.NaN);
    const scripts = await pageScripts(page, engineReady);
    const studio = new Studio(page);

    const ends: number[] = [];
    const endOf = async (phase: Phase) => {
      ends.push(await now(page));
      await taskTimes.endOf(phase);
    };
    await endOf("starting");
    await studio.started();
    await studio.set({ Steps: 4 });
    await studio.generate();
    await endOf("generating");
    await page.locator("input[type=file]").setInputFiles(files);
    await studio.answered();
    await studio.add();
    await endOf("importing");
    await studio.exportGif();
    await endOf("exporting");

    const all = await longTasks();
    const byPhase = <Entry extends { readonly at: number }>(entries: readonly Entry[]) => {
      const during = (i: number) => entries.filter(({ at }) => at >= (ends[i - 1] ?? 0) && at < ends[i]!);
      return { starting: during(0), generating: during(1), importing: during(2), exporting: during(3) };
    };
    const tasksByClock = byPhase(all);
    const firstPaint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]!.startTime);
    const starting = tasksByClock.starting.filter(({ at }) => at + 50 > firstPaint);
    return {
      firstPaint,
      engineReady,
      interactive: Math.max(firstPaint, ...starting.map(({ at, durationMs }) => at + durationMs)),
      blocking: starting.reduce((sum, { durationMs }) => sum + durationMs - 50, 0),
      shifts: byPhase(await shifts()),
      tasks: await taskTimes.all(),
      longTasks: tasksByClock,
      scripts,
      sent: sent.slice(before),
    };
  } finally {
    await context.close();
    rmSync(profile, { recursive: true });
  }
}

declare global {
  interface Window {
    engineReadyAt?: number;
  }
}

/** Records the moment when the header names the engine's device. */
async function recordEngineReady(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const timer = setInterval(() => {
      if (document.querySelector('header [data-state="wasm"], header [data-state="webgpu"]') === null) return;
      window.engineReadyAt = performance.now();
      clearInterval(timer);
    }, 20);
  });
}

/** @param engineReady moment at which the engine was ready, in milliseconds from the page's start */
async function pageScripts(page: Page, engineReady: number): Promise<PageScripts> {
  const entries = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name, startTime }) => ({ path: new URL(name).pathname.slice(1), startTime })),
  );
  const scripts = entries.filter(({ path }) => path.endsWith(".js") && !path.includes(".worker-"));
  const paths = (some: typeof scripts) => [...new Set(some.map(({ path }) => path))];
  return {
    beforeEngine: paths(scripts.filter(({ startTime }) => startTime < engineReady)),
    later: paths(scripts.filter(({ startTime }) => startTime >= engineReady)),
  };
}

/** Waits until the page's thread has had no long task for five seconds. */
async function quiet(page: Page, longTasks: () => Promise<LongTask[]>): Promise<void> {
  for (;;) {
    const last = (await longTasks()).at(-1);
    const since = (await now(page)) - (last === undefined ? 0 : last.at + last.durationMs);
    if (since >= QUIET_MS) return;
    await page.waitForTimeout(QUIET_MS - since);
  }
}

function now(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

function print(rounds: readonly Round[], { fileBytes }: CountedPreview): void {
  const of = (pick: (round: Round) => number) => Math.round(median(rounds.map(pick)));
  console.log(`First visit, Chromium, the page's thread slowed ${values.slowdown}×; medians of ${rounds.length}.\n`);
  console.log("| | |\n|---|---|");
  console.log(`| first contentful paint | ${of(({ firstPaint }) => firstPaint)} ms |`);
  console.log(`| interactive | ${of(({ interactive }) => interactive)} ms |`);
  console.log(`| engine ready | ${of(({ engineReady }) => engineReady)} ms |`);
  console.log(`| total blocking time | ${of(({ blocking }) => blocking)} ms |`);
  for (const phase of PHASES) {
    const shift = median(rounds.map(({ shifts }) => sum(shifts[phase].map(({ value }) => value))));
    console.log(`| layout shift while ${phase} | ${Number(shift.toFixed(4))} |`);
  }

  console.log("\n| kB | files | gzipped | sent | again for offline use |\n|---|---|---|---|---|");
  const { sent, scripts } = rounds[0]!;
  const left = new Set(sent);
  for (const [title, belongs] of KINDS) {
    const own = [...left].filter((each) => belongs(each, scripts));
    for (const each of own) left.delete(each);
    const [now, later] = [own.filter(({ forOffline }) => !forOffline), own.filter(({ forOffline }) => forOffline)];
    const files = now.map(({ path }) => fileBytes(path));
    const [plain, gzipped] = [sum(files.map((file) => file.plain)), sum(files.map((file) => file.gzipped))];
    console.log(`| ${title} | ${[plain, gzipped, total(now), total(later)].map(kilobytes).join(" | ")} |`);
  }
  for (const { path, bytes } of left) console.log(`| ${path} | | | ${kilobytes(bytes)} | |`);
  const paths = sent.map(({ path }) => path);
  const twice = [...new Set(paths.filter((path, i) => paths.indexOf(path) < i))];
  console.log(`\nSent twice: ${twice.join(", ") || "nothing"}.`);

  console.log("\n| longest tasks on the page's thread | by processor time, ms | by the clock |\n|---|---|---|");
  for (const phase of PHASES)
    for (const { longTasks, tasks } of rounds) {
      const longest = (tasks.get(phase) ?? []).slice(0, 3).map(({ processorMs }) => Math.round(processorMs));
      console.log(`| ${phase} | ${longest.join(", ")} | ${longTaskWords(longTasks[phase])} |`);
    }
  for (const { at, value, moved } of PHASES.flatMap((phase) => rounds[0]!.shifts[phase]))
    console.log(`- moved at ${Math.round(at)} ms by ${value.toFixed(4)}: ${moved.join(", ")}`);
}

function total(sent: readonly Sent[]): number {
  return sum(sent.map(({ bytes }) => bytes));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
