/**
 * Measures how long Mini takes to learn a style in the studio, in a real Chromium on WebAssembly: from 24 drawn pictures, with the
 * settings that the page proposes. It builds and serves the page and prints the time of a step, of a sample and of everything:
 *   npx tsx bench/teach.ts [--steps 300] [--every 50] [--batch 4] [--threads 2]
 */

import { parseArgs } from "node:util";
import type { Page } from "playwright";
import { drawnStyle } from "../e2e/testing/drawn-style.ts";
import type { TrainingEvent } from "../src/protocol/training.ts";
import { median } from "./open-graph.ts";
import { withServedStudio } from "./served-studio.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "300" },
    every: { type: "string", default: "50" },
    batch: { type: "string", default: "4" },
    threads: { type: "string", default: "2" },
  },
});
const PORT = 4691;
const TIMEOUT_MS = 3_600_000;
const PICTURES = 24;

declare global {
  interface Window {
    trainingLog: { readonly at: number; readonly event: TrainingEvent }[];
  }
}

await withServedStudio(PORT, async (studio) => {
  const context = await studio.visitor(Number(values.threads));
  const page = await context.newPage();
  await recordTraining(page);
  await page.goto("./");
  await teach(page);
  print(await page.evaluate(() => window.trainingLog));
});

async function teach(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Processor/ }).waitFor({ timeout: TIMEOUT_MS });
  await page.getByRole("button", { name: "Teach", exact: true }).click();
  const files = drawnStyle(PICTURES, 128).map(({ name, bytes }) => ({ name, mimeType: "image/png", buffer: Buffer.from(bytes) }));
  await page.getByLabel("Pictures to learn from").setInputFiles(files);
  await page.getByText("More settings").click();
  const dialog = page.getByRole("dialog");
  for (const [name, value] of [
    ["Steps", values.steps],
    ["Sample every", values.every],
    ["Batch", values.batch],
  ] as const) {
    await dialog.getByRole("spinbutton", { name, exact: true }).fill(value);
  }
  await dialog.getByText(/^About .* on this device/).waitFor({ timeout: TIMEOUT_MS });
  console.log(await dialog.getByText(/^About .* on this device/).textContent());
  await dialog.getByRole("button", { name: "Teach", exact: true }).click();
  await dialog.getByText("is on the shelf and switched on.").waitFor({ timeout: TIMEOUT_MS });
}

/** Logs the events of the training with their times. Its functions have no names, because compilers that preserve names would break it. */
async function recordTraining(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.trainingLog = [];
    window.MessageChannel = class extends MessageChannel {
      constructor() {
        super();
        this.port1.addEventListener("message", ({ data }) => {
          if (["preparing", "step", "sampling", "sample", "finished"].includes(data?.type))
            window.trainingLog.push({ at: performance.now(), event: data });
        });
      }
    };
  });
}

function print(log: Window["trainingLog"]): void {
  const steps = log.flatMap(({ event }) => (event.type === "step" ? [event] : []));
  const samples = log.flatMap(({ at, event }, i) => (event.type === "sample" ? [at - log[i - 1]!.at] : []));
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  console.log(`| ${values.threads} threads, batch ${values.batch}, ${PICTURES} pictures | time |`);
  console.log("| --- | --- |");
  console.log(`| a step | ${seconds(median(steps.map(({ stepMs }) => stepMs)))} |`);
  if (samples.length > 0) console.log(`| a sample | ${seconds(median(samples))} |`);
  console.log(`| ${steps.length} steps and ${samples.length} samples | ${seconds(log.at(-1)!.at - log[0]!.at)} |`);
  console.log(`| loss, first and last ten steps | ${meanLoss(steps.slice(0, 10))}, ${meanLoss(steps.slice(-10))} |`);
}

function meanLoss(steps: readonly { readonly loss: number }[]): string {
  return (steps.reduce((sum, { loss }) => sum + loss, 0) / steps.length).toFixed(3);
}
