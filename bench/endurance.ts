/**
 * Strains the studio with the parity kit's tiny family in Chromium. Each experiment prints a table:
 *   repeat     makes many short animations in a row and measures the tab's memory
 *   kill       kills the tab in every stage and opens it again
 *   together   makes two animations at once, in two tabs and in one queue
 *   full       fills the disk while the page adds, converts and keeps
 *   gpu        makes some animations on the graphics card and measures its buffers
 *   lost       crashes the browser's GPU process (Chromium's software renderer) in the middle, twice
 *   lost-once  does so once
 *   memory     makes the graphics card refuse one buffer
 * Linux:
 *   npx tsx bench/endurance.ts [--animations 200] [--only repeat,kill,together,full,gpu,lost,lost-once,memory]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium } from "playwright";
import { build, preview } from "vite";
import { findProgram } from "../e2e/find-program.ts";
import { concurrentAnimations } from "./endurance/concurrent-animations.ts";
import { fullDisk } from "./endurance/full-disk.ts";
import { gpuLevel } from "./endurance/gpu-buffer-level.ts";
import { killedTab } from "./endurance/killed-tab.ts";
import { lostDevice } from "./endurance/lost-device.ts";
import { outOfMemory } from "./endurance/out-of-memory.ts";
import { repeatedAnimations } from "./endurance/repeated-animations.ts";
import { countGpuBuffers } from "./gpu-buffers.ts";

const EXPERIMENTS: Readonly<Record<string, (context: BrowserContext, profile: string) => Promise<void>>> = {
  repeat: (context, profile) => repeatedAnimations(context, profile, Number(values.animations)),
  kill: killedTab,
  together: concurrentAnimations,
  full: fullDisk,
  gpu: gpuLevel,
  lost: lostDevice(["load", "denoise"]),
  "lost-once": lostDevice(["decode"]),
  memory: outOfMemory,
};
const { values } = parseArgs({
  options: { animations: { type: "string", default: "200" }, only: { type: "string", default: Object.keys(EXPERIMENTS).join() } },
});
const PORT = 4691;

const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
await build({ logLevel: "error", build: { outDir }, worker: { plugins: () => [countGpuBuffers()] } });
const server = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
try {
  for (const name of values.only.split(",")) {
    console.log(`\n${name}\n`);
    await withProfile(EXPERIMENTS[name]!);
  }
} finally {
  await server.close();
  rmSync(outDir, { recursive: true });
}

/** Every experiment begins with an empty profile on the disk. */
async function withProfile(experiment: (context: BrowserContext, profile: string) => Promise<void>): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
  const context = await chromium.launchPersistentContext(join(profile, "chromium"), {
    executablePath: findProgram("chromium")!,
    // The second makes the browser measure its memory at once, not within a minute; the third allows the software renderer.
    args: ["--no-sandbox", "--enable-blink-features=ForceEagerMeasureMemory", "--enable-unsafe-webgpu"],
    baseURL: `http://localhost:${PORT}/`,
  });
  try {
    await experiment(context, profile);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true });
  }
}
