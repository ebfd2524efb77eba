/**
 * Measures how long Mini takes to learn a style in the studio, in a real Chromium on WebAssembly: from 24 drawn pictures, with the
 * settings that the page proposes. It builds and serves the page and prints the time of a step, of a sample and of everything:
 *   npx tsx bench/teach.ts [--steps 300] [--every 50] [--batch 4] [--threads 2]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright";
import { build, preview } from "vite";
import { findProgram } from "../e2e/find-program.ts";
import { drawnStyle } from "../e2e/testing/drawn-style.ts";
import type { TrainingEvent } from "../src/protocol/training.ts";
import { median } from "./open-graph.ts";

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

const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
await build({ logLevel: "error", build: { outDir } });
const server = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
const executablePath = findProgram("chromium");
if (executablePath === null) throw new Error("No Chromium found: set PLAYWRIGHT_CHROMIUM to its path.");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ baseURL: `http://localhost:${PORT}/` });
  // The engine chooses its threads by this property, so this imitates a machine with as many cores.
  await context.route(/\/inference\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const cores = `Object.defineProperty(navigator, "hardwareConcurrency", { value: ${Number(values.threads)} });\n`;
    await route.fulfill({ response, body: cores + (await response.text()) });
  });
  const page = await context.newPage();
  await recordTraining(page);
  await page.goto("./");
  await teach(page);
  print(await page.evaluate(() => window.trainingLog));
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true });
}

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
