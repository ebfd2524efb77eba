/**
 * Measures conversion of a checkpoint and a motion module on Node: wall time, processor time, bytes, peak memory. Then
 * it converts again with all shards present, with another motion module, and with another VAE, of which only the new
 * ones need work:
 *   npx tsx bench/import.ts [--checkpoint FILE] [--motion FILE] [--other-motion FILE] [--precision q8] [--threads N]
 * `python bench/make_synthetic.py all .cache/synthetic` writes the files.
 */

import { parseArgs } from "node:util";
import type { Precision } from "../src/core/settings/render-settings.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { composeModels } from "../src/runtime/compose/compose.ts";
import { Engine } from "../src/runtime/engine/engine.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";

const { values } = parseArgs({
  options: {
    checkpoint: { type: "string", default: ".cache/synthetic/sd15.safetensors" },
    motion: { type: "string", default: ".cache/synthetic/motion_v3.safetensors" },
    "other-motion": { type: "string", default: ".cache/synthetic/motion_v2.safetensors" },
    precision: { type: "string", default: "q8" },
  },
});
const precision = values.precision as Precision;
const checkpoint = await loadCheckpoint(await modelFiles(values.checkpoint));
const backend = await createNodeBackend();
const engine = new Engine(backend, 8 * 2 ** 30);
const before = process.memoryUsage().rss;

await convert("checkpoint + motion module", "motion", values.motion, "vae");
await convert("the same again", "motion", values.motion, "vae");
await convert("another motion module", "motion2", values["other-motion"], "vae");
await convert("another VAE", "motion", values.motion, "vae2");
await backend.dispose();

async function convert(title: string, motionKey: string, motionFile: string, vaeKey: string): Promise<void> {
  const motion = await loadMotionModule(await modelFiles(motionFile));
  const keys = { unet: "unet", text: "text", vae: vaeKey, motion: motionKey };
  const { models } = composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys });
  const began = performance.now();
  const cpu = process.cpuUsage();
  let bytes = 0;
  for await (const { totalBytes } of engine.prepare(models, precision)) bytes = totalBytes;
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS * 1024;
  const figures = [
    `${((performance.now() - began) / 1000).toFixed(1)} s`,
    `${((user + system) / 1e6).toFixed(1)} s`,
    `${(bytes / 1e6).toFixed(0)} MB`,
    `${(peak / 1e6).toFixed(0)} MB (${(before / 1e6).toFixed(0)} before)`,
  ];
  console.log(`| ${title} | ${figures.join(" | ")} |`);
}
