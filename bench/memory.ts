/**
 * Measures the peak memory of every stage on Node (Linux) by the kernel's high-water mark, which it resets before each
 * stage. It runs one UNet call (guidance runs the same call twice, one after the other) and decodes one frame, with
 * synthetic weights:
 *   npx tsx bench/memory.ts [--folder .cache/synthetic] [--precision q8] [--frames 16] [--size 512] [--converted FOLDER]
 * FOLDER keeps the shards for another run.
 */

import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Precision } from "../src/core/settings/render-settings.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { composeModels } from "../src/runtime/compose/compose.ts";
import type { HostTensor } from "../src/runtime/engine/backend.ts";
import { Engine } from "../src/runtime/engine/engine.ts";
import { textPlan } from "../src/runtime/engine/plans/text.ts";
import { textKvPlan } from "../src/runtime/engine/plans/text-kv.ts";
import { unetPlan } from "../src/runtime/engine/plans/unet.ts";
import { decoderPlan } from "../src/runtime/engine/plans/vae.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: ".cache/synthetic" },
    precision: { type: "string", default: "q8" },
    frames: { type: "string", default: "16" },
    size: { type: "string", default: "512" },
    converted: { type: "string" },
  },
});
const precision = values.precision as Precision;
const frames = Number(values.frames);
const side = Number(values.size) / 8;
const backend = await createNodeBackend(values.converted === undefined ? {} : { folder: values.converted });
// A budget of 0 keeps nothing warm, so that each stage shows its own weights.
const engine = new Engine(backend, 0);
const checkpoint = await loadCheckpoint(await modelFiles(`${values.folder}/sd15.safetensors`));
const motion = await loadMotionModule(await modelFiles(`${values.folder}/motion_v3.safetensors`));
const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
const { models } = composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys });
const shape = { frames, height: side, width: side, textBatch: 1, textTokens: 77 };
const style = engine.style(precision);
const { unet, motion: motionPart } = models;
const plan = { ...shape, unet, motion: motionPart, norm: "original", freeNoise: null, control: false } as const;

console.log(
  `${frames} frames of ${values.size} px, ${precision}\n| stage | peak RSS MB | mapped files at the end | s |\n|---|---|---|---|`,
);
await stage("convert", async () => {
  for await (const _ of engine.prepare(models, precision));
});
let hidden: HostTensor;
await stage("text encoder", async () => {
  const session = await engine.session(textPlan(models.text, { clipSkip: 1, inputs: "ids" }, style));
  const ids = Int32Array.from({ length: 77 }, (_, i) => (i === 0 ? 49406 : 49407));
  hidden = (await session.run({ ids: { type: "int32", shape: [1, 77], data: ids } })).hidden!;
});
let text: Record<string, HostTensor> = {};
await stage("text keys and values", async () => {
  text = await (await engine.session(textKvPlan(unet, { batch: 1, tokens: 77 }, style))).run({ text: hidden });
});
await stage("UNet, loading", async () => {
  await engine.session(unetPlan(plan, engine.unetStyle(precision)));
});
await stage("UNet, one call", async () => {
  const session = await engine.session(unetPlan(plan, engine.unetStyle(precision)));
  const time = wave([1, models.unet.config.blockOutChannels[0]!]);
  await session.run({ sample: wave([frames, 4, side, side]), time, ...text });
});
await engine.release();
await stage("VAE decoder, one frame", async () => {
  const session = await engine.session(decoderPlan(models.vae, { height: side, width: side }, style));
  await session.run({ latents: wave([1, 4, side, side]) });
});
await engine.release();
await backend.dispose();

async function stage(title: string, task: () => Promise<void>): Promise<void> {
  await writeFile("/proc/self/clear_refs", "5"); // resets VmHWM (man proc)
  engine.beginPhase();
  const began = performance.now();
  await task();
  const seconds = (performance.now() - began) / 1000;
  const status = await readFile("/proc/self/status", "utf8");
  const megabytes = (field: string) => {
    const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)!;
    return ((Number(kilobytes) * 1024) / 1e6).toFixed(0);
  };
  console.log(`| ${title} | ${megabytes("VmHWM")} | ${megabytes("RssFile")} | ${seconds.toFixed(1)} |`);
}

function wave(dims: readonly number[]): HostTensor {
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.7));
  return { type: "float32", shape: dims, data };
}
