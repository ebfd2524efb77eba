/**
 * Measures a person's files in Chromium on the processor: adds a checkpoint and a motion module, animates one step of
 * 64×64 pixels, reloads and animates again, which converts nothing. `--unet-size` adds one UNet call of that size
 * without guidance, `--clip` a whole animation (frames × side × steps) with guidance. Prints wall time, the tab's
 * processor time and memory (RSS of its process above the idle tab's), and the bytes in the private file system. Linux.
 * `bench/make_synthetic.py all` writes the files; its `--preset half` writes narrower ones:
 *   npx tsx bench/import-browser.ts [--folder .cache/synthetic] [--frames 8] [--size 64] [--unet-size 128] [--clip 16x128x4]
 * One thread: `taskset -c 0 npx tsx bench/import-browser.ts …`.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright";
import { build, preview } from "vite";
import { findProgram } from "../e2e/find-program.ts";
import { clearEngineLog, type LoggedEvent, loggedEvents, recordEngineLog } from "../e2e/testing/engine-log.ts";
import { unfoldSampling } from "../e2e/testing/panel.ts";
import { tabBytes, tabUse } from "./tab-process.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: ".cache/synthetic" },
    frames: { type: "string", default: "8" },
    size: { type: "string", default: "64" },
    "unet-size": { type: "string" },
    clip: { type: "string" },
  },
});
const PORT = 4690;
const TIMEOUT_MS = 600_000;

const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
const profile = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
await build({ logLevel: "error", build: { outDir } });
const server = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
// The profile lies on disk, because a throw-away context keeps its private file system in memory.
const context = await chromium.launchPersistentContext(profile, {
  executablePath: findProgram("chromium")!,
  args: ["--no-sandbox"],
  baseURL: `http://localhost:${PORT}/`,
});
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await recordEngineLog(page);
  await page.goto("./");
  const device = await page.getByRole("button", { name: /^(Processor|GPU)/ }).textContent({ timeout: TIMEOUT_MS });
  await page.getByRole("combobox", { name: "Checkpoint" }).locator("option", { hasText: "Mini" }).waitFor({ state: "attached" });
  const idle = tabBytes(profile);
  console.log(
    `${device}; idle tab: ${megabytes(idle)}\n\n| | s | processor s | tab's peak over idle | private file system |\n|---|---|---|---|---|`,
  );

  await measured("add both files", page, idle, async () => {
    const files = ["sd15.safetensors", "motion_v3.safetensors"].map((name) => join(values.folder, name));
    await page.locator("input[type=file]").setInputFiles(files);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: /^Add/ }).click({ timeout: TIMEOUT_MS });
    await dialog.waitFor({ state: "hidden", timeout: TIMEOUT_MS });
    return null;
  });
  const oneStep = { Width: values.size, Height: values.size, Frames: values.frames, Steps: "1" };
  await measured("one step", page, idle, () => animate(page, oneStep));
  await page.reload();
  await measured("one step after a reload", page, idle, () => animate(page, oneStep));
  const side = values["unet-size"];
  if (side !== undefined) {
    const oneCall = { ...oneStep, Width: side, Height: side, CFG: "1" };
    await measured(`one UNet call of ${side}×${side}`, page, idle, () => animate(page, oneCall));
  }
  if (values.clip !== undefined) {
    const [frames, side, steps] = values.clip.split("x") as [string, string, string];
    const clip = { Width: side, Height: side, Frames: frames, Steps: steps, CFG: "7.5" };
    await measured(`${frames} frames of ${side}×${side}, ${steps} steps`, page, idle, () => animate(page, clip));
  }
} finally {
  await context.close();
  await server.close();
  rmSync(outDir, { recursive: true });
  rmSync(profile, { recursive: true });
}

async function measured(title: string, page: Page, idle: number, task: () => Promise<string | null>): Promise<void> {
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, tabBytes(profile));
  }, 200);
  const [began, before] = [performance.now(), tabUse(profile)];
  const detail = await task();
  const seconds = (performance.now() - began) / 1000;
  const processor = tabUse(profile).processorSeconds - before.processorSeconds;
  clearInterval(sampling);
  const stored = await page.evaluate(async () => {
    const { usageDetails } = (await navigator.storage.estimate()) as { usageDetails?: { fileSystem?: number } };
    return usageDetails?.fileSystem ?? 0;
  });
  const name = detail === null ? title : `${title} (${detail})`;
  console.log(`| ${name} | ${seconds.toFixed(1)} | ${processor.toFixed(1)} | ${megabytes(peak - idle)} | ${megabytes(stored)} |`);
}

/** @returns the seconds of each phase */
async function animate(page: Page, fields: Readonly<Record<string, string>>): Promise<string> {
  const choose = async (box: string, name: string) => {
    const select = page.getByRole("combobox", { name: box, exact: true });
    await select.locator("option", { hasText: name }).waitFor({ state: "attached", timeout: TIMEOUT_MS });
    await select.selectOption({ label: name });
  };
  await choose("Checkpoint", "sd15");
  await choose("Motion", "motion_v3");
  await unfoldSampling(page);
  for (const [field, value] of Object.entries(fields))
    await page.getByRole("spinbutton", { name: field, exact: true }).fill(value);
  await clearEngineLog(page);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await page.waitForFunction(() => ["done", "failed"].includes(window.engineLog.events.at(-1)?.type ?? ""), undefined, {
    timeout: TIMEOUT_MS,
    polling: 200,
  });
  return phases(await loggedEvents(page));
}

function phases(events: readonly LoggedEvent[]): string {
  const last = events.at(-1)!;
  if (last.type !== "done") throw new Error(`it ended with ${JSON.stringify(last)}`);
  return Object.entries(last.timingsMs)
    .map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)}`)
    .join(", ");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
