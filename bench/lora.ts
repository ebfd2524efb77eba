/**
 * Measures LoRAs as side branches at full size on Node: the time from another choice of LoRAs to the beginning of the
 * first step, and a step without and with them, alternating. Needs the files of bench/make_synthetic.py and a second LoRA
 * on the same layers (`python bench/make_synthetic.py lora .cache/synthetic/lora_r32_b.safetensors --seed 1`):
 *   npx tsx bench/lora.ts [--folder .cache/synthetic] [--precision q8] [--frames 8] [--size 256] [--rounds 3]
 */

import { parseArgs } from "node:util";
import type { Precision } from "../src/core/settings/render-settings.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { loadLora } from "../src/models/lora/load.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { composeModels, type LoraChoice, type LoraForm } from "../src/runtime/compose/compose.ts";
import type { ModelSet } from "../src/runtime/compose/model-set.ts";
import type { HostTensor, Session } from "../src/runtime/engine/backend.ts";
import { Engine, SESSION_BUDGET_BYTES } from "../src/runtime/engine/engine.ts";
import { textPlan } from "../src/runtime/engine/plans/text.ts";
import { textKvPlan } from "../src/runtime/engine/plans/text-kv.ts";
import { unetPlan } from "../src/runtime/engine/plans/unet.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { modelFiles } from "../src/runtime/node/file-source.ts";
import { median } from "./open-graph.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: ".cache/synthetic" },
    precision: { type: "string", default: "q8" },
    frames: { type: "string", default: "8" },
    size: { type: "string", default: "256" },
    rounds: { type: "string", default: "3" },
    "with-merging": { type: "boolean", default: false },
  },
});
const precision = values.precision as Precision;
const frames = Number(values.frames);
const side = Number(values.size) / 8;
const shape = { frames, height: side, width: side, textBatch: 1, textTokens: 77 };
const backend = await createNodeBackend();
/** The page's budget, because it decides which sessions a new choice has to open again. */
const engine = new Engine(backend, SESSION_BUDGET_BYTES);
const motion = await loadMotionModule(await modelFiles(`${values.folder}/motion_v3.safetensors`));

console.log("| | s to the first step | processor s | of the first packing | packed MB | RSS MiB |\n|---|---|---|---|---|---|");
const none = await ready("no LoRA, everything new", []);
const first = await ready("the first LoRA", [await lora("lora_r32", 0.8)]);
await ready("its slider moved", [await lora("lora_r32", 0.5)]);
await ready("another LoRA on the same layers", [await lora("lora_r32_b", 0.8)]);
const both = await ready("both", [await lora("lora_r32", 0.8), await lora("lora_r32_b", 0.8)]);
const convolutions = await ready("one with convolutions", [await lora("lora_conv_r32", 0.8)]);
await ready("its slider moved", [await lora("lora_conv_r32", 0.5)]);

const sets = {
  "without LoRA": none,
  "one of rank 32": first,
  "two of rank 32": both,
  "one of rank 32 with convolutions": convolutions,
};
await engine.release();
/** Has room for the UNets of all choices, so that steps can alternate. */
const roomy = new Engine(backend, 16 * 2 ** 30);
const times = Object.values(sets).map((): number[] => []);
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [i, set] of Object.values(sets).entries()) {
    const took = await step(set);
    if (round > 0) times[i]!.push(took); // the first round warms up
  }
}
const medians = times.map(median);
console.log(
  `\nOne UNet + v3 motion call, ${frames} frames of ${values.size} px, ${precision}, median of ${values.rounds}, alternating:\n`,
);
console.log("| | processor s | of the one without |\n|---|---|---|");
for (const [i, title] of Object.keys(sets).entries())
  console.log(`| ${title} | ${medians[i]!.toFixed(2)} | ${(medians[i]! / medians[0]!).toFixed(3)}× |`);

if (values["with-merging"]) {
  await roomy.release();
  await ready("the first LoRA, merged instead", [await lora("lora_r32", 0.8)], "merged");
}
await engine.release();
await roomy.release();
await backend.dispose();

async function lora(name: string, weight: number): Promise<LoraChoice> {
  return { id: name, lora: await loadLora(await modelFiles(`${values.folder}/${name}.safetensors`)), weight };
}

/** Prepares the first step of a choice: opens and converts the models, encodes the text, loads the UNet. */
async function ready(title: string, loras: readonly LoraChoice[], loraForm: LoraForm | null = null): Promise<ModelSet> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const checkpoint = await loadCheckpoint(await modelFiles(`${values.folder}/sd15.safetensors`));
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  const { models } = composeModels({ checkpoint, motion, vae: null, loras, controls: [], preview: null, keys, loraForm });
  let converted = 0;
  for await (const { doneBytes } of engine.prepare(models, precision)) converted = doneBytes;
  const packed = performance.now();
  engine.beginPhase();
  const text = await engine.session(textPlan(models.text, { clipSkip: 1, inputs: "ids" }, engine.style(precision)));
  const ids = Int32Array.from({ length: 77 }, (_, i) => (i === 0 ? 49406 : 49407));
  const { hidden } = await text.run({ ids: { type: "int32", shape: [1, 77], data: ids } });
  await (await textKv(engine, models)).run({ text: hidden! });
  engine.beginPhase();
  await unetSession(engine, models);
  const end = performance.now();
  const rss = (process.memoryUsage().rss / 2 ** 20).toFixed(0);
  const [all, packing] = [end - began, packed - began].map((ms) => (ms / 1000).toFixed(2));
  const { user, system } = process.cpuUsage(before);
  const processor = ((user + system) / 1e6).toFixed(2);
  console.log(`| ${title} | ${all} | ${processor} | ${packing} | ${(converted / 1e6).toFixed(0)} | ${rss} |`);
  return models;
}

/** @returns processor seconds */
async function step(models: ModelSet): Promise<number> {
  const session = await unetSession(roomy, models);
  const kv = await textKv(roomy, models);
  const width = models.text.config.hiddenSize;
  const text = await kv.run({ text: wave([1, 77, width]) });
  const inputs = { sample: wave([frames, 4, side, side]), time: wave([1, models.unet.config.blockOutChannels[0]!]), ...text };
  const before = process.cpuUsage();
  await session.run(inputs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function unetSession(on: Engine, { unet, motion }: ModelSet): Promise<Session> {
  const options = { ...shape, unet, motion, norm: "original", freeNoise: null, control: false } as const;
  return on.session(unetPlan(options, on.unetStyle(precision)));
}

function textKv(on: Engine, { unet }: ModelSet): Promise<Session> {
  return on.session(textKvPlan(unet, { batch: 1, tokens: 77 }, on.style(precision)));
}

function wave(dims: readonly number[]): HostTensor {
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.7));
  return { type: "float32", shape: dims, data };
}
