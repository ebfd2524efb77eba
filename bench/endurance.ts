/**
 * The studio under load, with the parity kit's tiny family in Chromium; each part prints a table:
 *   repeat    many short animations in a row: does the tab hold more and more?
 *   kill      the tab killed in every stage and opened anew
 *   together  two animations at once, in two tabs and in one queue
 *   full      the disk full in the middle of adding, converting and keeping
 *   gpu       some animations on the graphics card: do its buffers come back to a level?
 *   lost      the graphics card lost in the middle (Chromium's software renderer: the browser's GPU process is crashed), twice; lost-once: once
 *   memory    the graphics card finds no room for a buffer
 * Linux:
 *   npx tsx bench/endurance.ts [--animations 200] [--only repeat,kill,together,full,gpu,lost,lost-once,memory]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium } from "playwright";
import { build, preview } from "vite";
import { findChromium } from "../e2e/find-chromium.ts";
import { fullDisk } from "./endurance/full-disk.ts";
import { gpuLevel } from "./endurance/gpu-level.ts";
import { kills } from "./endurance/kills.ts";
import { lostDevice } from "./endurance/lost-device.ts";
import { outOfMemory } from "./endurance/out-of-memory.ts";
import { repeat } from "./endurance/repeat.ts";
import { together } from "./endurance/together.ts";
import { countGpuBuffers } from "./gpu-buffers.ts";

const PARTS: Readonly<Record<string, (context: BrowserContext, profile: string) => Promise<void>>> = {
  repeat: (context, profile) => repeat(context, profile, Number(values.animations)),
  kill: kills,
  together,
  full: fullDisk,
  gpu: gpuLevel,
  lost: lostDevice(["load", "denoise"]),
  "lost-once": lostDevice(["decode"]),
  memory: outOfMemory,
};
const { values } = parseArgs({
  options: { animations: { type: "string", default: "200" }, only: { type: "string", default: Object.keys(PARTS).join() } },
});
const PORT = 4691;

const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
await build({ logLevel: "error", build: { outDir }, worker: { plugins: () => [countGpuBuffers()] } });
const server = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
try {
  for (const name of values.only.split(",")) {
    console.log(`\n${name}\n`);
    await withProfile(PARTS[name]!);
  }
} finally {
  await server.close();
  rmSync(outDir, { recursive: true });
}

/** Every part begins with an empty profile on the disk. */
async function withProfile(part: (context: BrowserContext, profile: string) => Promise<void>): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
  const context = await chromium.launchPersistentContext(join(profile, "chromium"), {
    executablePath: findChromium()!,
    // Without the second the browser puts measuring its memory off for up to a minute; the third gives it a software renderer.
    args: ["--no-sandbox", "--enable-blink-features=ForceEagerMeasureMemory", "--enable-unsafe-webgpu"],
    baseURL: `http://localhost:${PORT}/`,
  });
  try {
    await part(context, profile);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true });
  }
}
