/**
 * Counts GPU buffers at SD 1.5's size on a wrapped device. It adds a checkpoint and a motion module in Chromium, and
 * makes clips in one step without guidance on the software renderer, which allocates as a card does. It skips all
 * computation, which would take the renderer days, so the pictures are black, but every buffer is allocated.
 * `bench/make_synthetic.py all` writes the files:
 *   npx tsx bench/gpu-memory.ts [--folder .cache/synthetic] [--precision q8,q4] [--clips 16x256,16x384,16x512]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright";
import { build, preview } from "vite";
import { findProgram } from "../e2e/find-program.ts";
import { clearEngineLog, loggedEvents, recordEngineLog } from "../e2e/testing/engine-log.ts";
import { unfoldAdvanced } from "../e2e/testing/panel.ts";
import { addFiles } from "./add-files.ts";
import { countGpuBuffers, gpuBuffers, stopComputing } from "./gpu-buffers.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: ".cache/synthetic" },
    precision: { type: "string", default: "q8,q4" },
    clips: { type: "string", default: "16x256,16x384,16x512" },
  },
});
const PORT = 4692;
const TIMEOUT_MS = 1_800_000;
const PHASES = ["text", "load", "denoise", "decode"];

const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
const profile = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
await build({ logLevel: "error", build: { outDir }, worker: { plugins: () => [countGpuBuffers()] } });
const server = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
const context = await chromium.launchPersistentContext(profile, {
  executablePath: findProgram("chromium")!,
  args: ["--no-sandbox", "--enable-unsafe-webgpu"],
  baseURL: `http://localhost:${PORT}/`,
});
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.addInitScript(() => localStorage.setItem("zoetrope-device", "webgpu"));
  await page.addInitScript("globalThis.__name = (named) => named");
  await recordEngineLog(page);
  await page.goto("./");
  await page.getByRole("button", { name: /^GPU/ }).waitFor({ timeout: TIMEOUT_MS });
  await addFiles(page, values.folder, TIMEOUT_MS);
  await stopComputing(page);
  await unfoldAdvanced(page);
  console.log(`| clip | weights | ${PHASES.map((phase) => `${phase}: peak MB`).join(" | ")} | held afterwards, MB |`);
  console.log(`|${"---|".repeat(PHASES.length + 3)}`);
  for (const precision of values.precision.split(",")) {
    await page.getByRole("combobox", { name: "Precision", exact: true }).selectOption(precision);
    for (const clip of values.clips.split(",")) await measure(page, clip, precision);
  }
} finally {
  await context.close();
  await server.close();
  rmSync(outDir, { recursive: true });
  rmSync(profile, { recursive: true });
}

async function measure(page: Page, clip: string, precision: string): Promise<void> {
  const [frames, side] = clip.split("x") as [string, string];
  for (const [field, value] of Object.entries({ Frames: frames, Width: side, Height: side, Steps: "1", CFG: "1" }))
    await page.getByRole("spinbutton", { name: field, exact: true }).fill(value);
  await clearEngineLog(page);
  await gpuBuffers(page);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  const peaks = new Map<string, number>();
  for (;;) {
    const events = await loggedEvents(page);
    const phase = events.findLast((event) => event.type === "phase");
    const { peakBytes } = await gpuBuffers(page);
    if (phase?.type === "phase") peaks.set(phase.phase, Math.max(peaks.get(phase.phase) ?? 0, peakBytes));
    const last = events.at(-1);
    if (last?.type === "failed") throw new Error(`it ended with ${JSON.stringify(last)}`);
    if (last?.type === "done") break;
    await page.waitForTimeout(100);
  }
  const { bytes } = await gpuBuffers(page);
  const cells = PHASES.map((phase) => megabytes(peaks.get(phase) ?? 0));
  console.log(`| ${frames} × ${side}² | ${precision} | ${cells.join(" | ")} | ${megabytes(bytes)} |`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
