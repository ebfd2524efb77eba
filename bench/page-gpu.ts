/**
 * Measures the page on a graphics card, with files of SD 1.5's size and then with Mini: the engine's report on the
 * card, times by phase, the tab's memory, and the PSNR between Mini's frames on the card and on the processor.
 * `bench/make_synthetic.py all` writes the files:
 *   npx tsx bench/page-gpu.ts [--folder .cache/synthetic] [--clips q8:16x256x4,q8:16x512x4,fp16:16x512x4] [--url http://localhost:4173/]
 * Without `--url` it builds the page and serves it. `--clips ""` makes Mini's only. Linux with Vulkan; `--flags` go to Chromium; `--software` uses
 * Chromium's software renderer, to try the bench itself.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright";
import { findProgram } from "../e2e/find-program.ts";
import { clearEngineLog, loggedEvents, loggedFrames, recordEngineLog } from "../e2e/testing/engine-log.ts";
import { unfoldAdvanced } from "../e2e/testing/panel.ts";
import { addFiles } from "./add-files.ts";
import { tabBytes } from "./tab-process.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: ".cache/synthetic" },
    clips: { type: "string", default: "q8:16x256x4,q8:16x512x4,q8:16x512x4,fp16:16x512x4,fp16:16x512x4" },
    mini: { type: "string", default: "16x128x20" },
    url: { type: "string" },
    flags: {
      type: "string",
      default: "--use-angle=vulkan --enable-features=Vulkan --disable-vulkan-surface --ignore-gpu-blocklist",
    },
    software: { type: "boolean", default: false },
    headed: { type: "boolean", default: false },
  },
});
const PORT = 4693;
const TIMEOUT_MS = 300_000;
const PHASES = ["convert", "text", "load", "denoise", "decode"] as const;

const profile = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
const server = values.url === undefined ? await servePage() : null;
const context = await chromium.launchPersistentContext(profile, {
  executablePath: findProgram("chromium")!,
  headless: !values.headed,
  args: ["--no-sandbox", "--enable-unsafe-webgpu", ...(values.software ? [] : values.flags.split(" "))],
  baseURL: values.url ?? server!.url,
});
try {
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) console.error(`page: ${message.text()}`);
  });
  await page.addInitScript("globalThis.__name = (named) => named");
  await recordEngineLog(page);
  await openOn(page, values.software ? "webgpu" : "auto");
  console.log(
    `| clip | weights | ${PHASES.map((phase) => `${phase} s`).join(" | ")} | together s | a UNet call ms | tab's peak MB |`,
  );
  console.log(`|${"---|".repeat(PHASES.length + 5)}`);
  const clips = values.clips.split(",").filter(Boolean);
  if (clips.length > 0) {
    const adding = performance.now();
    await addFiles(page, values.folder, TIMEOUT_MS);
    console.log(`| both files added | q8 | ${((performance.now() - adding) / 1000).toFixed(1)} | | | | | | | |`);
  }
  for (const [precision, clip] of clips.map((each) => each.split(":") as [string, string])) {
    await page.getByRole("combobox", { name: "Precision", exact: true }).selectOption(precision);
    await measure(page, precision, clip);
  }
  await openOn(page, values.software ? "webgpu" : "auto");
  await measure(page, "Mini", values.mini);
  const onCard = await measure(page, "Mini again", values.mini);
  await openOn(page, "wasm");
  const onProcessor = await measure(page, "Mini on the processor", values.mini);
  console.log(`\nMini's frames on the card and on the processor: PSNR ${psnr(onCard, onProcessor)} dB`);
} finally {
  await context.close();
  await server?.close();
  rmSync(profile, { recursive: true });
}

async function servePage(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { build, preview } = await import("vite");
  const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
  await build({ logLevel: "error", build: { outDir } });
  const served = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
  return {
    url: `http://localhost:${PORT}/`,
    close: async () => {
      await served.close();
      rmSync(outDir, { recursive: true });
    },
  };
}

/** Reopens the page and prints its report on the device. */
async function openOn(page: Page, device: string): Promise<void> {
  await page.addInitScript(`localStorage.setItem("zoetrope-device", "${device}")`);
  await page.goto("about:blank");
  const began = performance.now();
  await page.goto("./");
  const button = page.getByRole("button", { name: /^(Processor|GPU)/ });
  await button.waitFor({ timeout: TIMEOUT_MS });
  const seconds = (performance.now() - began) / 1000;
  await button.click();
  const facts = await page.locator("dl").first().innerText();
  const notice = await page.locator("dl").first().locator("xpath=preceding-sibling::p").allInnerTexts();
  await page.keyboard.press("Escape");
  console.log(`\nReady after ${seconds.toFixed(1)} s: ${[...notice, facts.replaceAll("\n", "; ")].join(" ")}\n`);
  await unfoldAdvanced(page);
}

/** @returns the clip's frames; none if it failed, which it prints */
async function measure(page: Page, name: string, clip: string): Promise<Uint8Array[]> {
  const [frames, side, steps] = clip.split("x") as [string, string, string];
  for (const [field, value] of Object.entries({ Frames: frames, Width: side, Height: side, Steps: steps, Seed: "7" }))
    await page.getByRole("spinbutton", { name: field, exact: true }).fill(value);
  await clearEngineLog(page);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  let peak = 0;
  for (const began = performance.now(); ; await page.waitForTimeout(100)) {
    peak = Math.max(peak, tabBytes(profile));
    const events = await loggedEvents(page);
    const last = events.at(-1);
    if (last?.type === "done") {
      for (const event of events) if (event.type === "notice") console.error(`notice: ${JSON.stringify(event)}`);
      const seconds: Readonly<Record<string, number>> = last.timingsMs;
      const cells = PHASES.map((phase) => ((seconds[phase] ?? 0) / 1000).toFixed(1));
      const together = PHASES.reduce((sum, phase) => sum + (seconds[phase] ?? 0), 0) / 1000;
      const call = (seconds.denoise ?? 0) / Number(steps) / 2;
      console.log(
        `| ${frames} × ${side}², ${steps} steps | ${name} | ${cells.join(" | ")} | ${together.toFixed(1)} | ${call.toFixed(0)} | ${(peak / 1e6).toFixed(0)} |`,
      );
      return loggedFrames(page);
    }
    if (last?.type === "failed" || performance.now() - began > TIMEOUT_MS) {
      console.log(`| ${frames} × ${side}², ${steps} steps | ${name} | ended with ${JSON.stringify(last)} |`);
      return [];
    }
  }
}

function psnr(a: readonly Uint8Array[], b: readonly Uint8Array[]): string {
  if (a.length === 0 || a.length !== b.length) return "unknown, in";
  let squares = 0;
  let count = 0;
  a.forEach((frame, i) => {
    frame.forEach((value, j) => {
      squares += (value - b[i]![j]!) ** 2;
      count++;
    });
  });
  return (10 * Math.log10(255 ** 2 / (squares / count))).toFixed(1);
}
