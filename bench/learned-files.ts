/**
 * Writes one of each file that training makes, with random values for the kit's tiny model, loads it back through the engine, and keeps
 * what the engine computes with it. bench/learned_files.py then loads the same files through diffusers and compares:
 *   npx tsx bench/learned-files.ts .cache/learned && python bench/learned_files.py .cache/learned
 */

import { mkdirSync, writeFileSync } from "node:fs";
import type { Parameters } from "../src/core/training/parameters.ts";
import { defaultTrainingSettings, type TrainingKind } from "../src/core/training/training-settings.ts";
import { bufferSource } from "../src/formats/byte-source.ts";
import { encodeSafetensors, type TensorToWrite } from "../src/formats/safetensors/writer.ts";
import { timeProjection } from "../src/graph/unet.ts";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import type { ModelFile } from "../src/models/files.ts";
import { type Lora, loadLora } from "../src/models/lora/load.ts";
import { loadMotionModule } from "../src/models/motion/load.ts";
import { scattered } from "../src/models/testing/tiny-files.ts";
import type { MotionModule } from "../src/models/types.ts";
import { composeModels } from "../src/runtime/compose/compose.ts";
import { floatOutput, floats } from "../src/runtime/engine/backend.ts";
import { Engine } from "../src/runtime/engine/engine.ts";
import { textPlan } from "../src/runtime/engine/plans/text.ts";
import { textKvPlan } from "../src/runtime/engine/plans/text-kv.ts";
import { unetPlan } from "../src/runtime/engine/plans/unet.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { kitModel } from "../src/runtime/testing/parity-kit.ts";
import { learnedFile } from "../src/runtime/training/learned-file.ts";
import { loraLayers, motionLoraLayers, textLoraLayers } from "../src/runtime/training/lora-targets.ts";
import { teachLora, teachMotion, teachMotionLora, withTextLora } from "../src/runtime/training/teachable.ts";

const [RANK, ALPHA, TIMESTEP, SIDE, FRAMES, TOKENS] = [4, 3, 333, 16, 4, 77] as const;
const folder = process.argv[2]!;
mkdirSync(folder, { recursive: true });
const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const base = await loadMotionModule(kitModel("motion-v2.safetensors"));
const text = checkpoint.textEncoder!;
const models = { unet: checkpoint.unet, motion: base };
const settings = { ...defaultTrainingSettings(), rank: RANK, alpha: ALPHA };
const lowRank = {
  ...settings,
  start: async (name: string, shape: readonly number[]) => scattered(name, shape).map((x) => x / 4),
};
const results: TensorToWrite[] = [];

const ofUnet = await teachLora(models, loraLayers(models.unet.weights, "all"), lowRank);
const { parameters } = await withTextLora(ofUnet, text, textLoraLayers(text.weights), lowRank);
await compute("lora", null, await loadLora(write("lora", parameters)));

const wholeMotion = (await teachMotion(models)).parameters;
for (const [name, { data, shape }] of wholeMotion) for (const [i, x] of scattered(name, shape).entries()) data[i]! += x / 20;
const motion = await loadMotionModule(write("motion", wholeMotion));
await compute("motion", motion, null);

const { parameters: ofMotion } = await teachMotionLora(models, motionLoraLayers(base.weights), lowRank);
await compute("motion-lora", motion, await loadLora(write("motion-lora", ofMotion)));
writeFileSync(`${folder}/ours.safetensors`, encodeSafetensors(results));

function write(kind: Exclude<TrainingKind, "unet" | "tune-a-video">, learned: Parameters): ModelFile[] {
  const facts = { title: kind, modelName: "tiny", steps: 1, learningRate: 1, seed: 0 };
  const info = { ...facts, trigger: "sks", captions: ["sks"], thumbnail: null };
  const bytes = learnedFile(kind, learned, settings, models, info);
  writeFileSync(`${folder}/${kind}.safetensors`, bytes);
  return [{ path: `${kind}.safetensors`, source: bufferSource(bytes, `${kind}.safetensors`) }];
}

/** Keeps the text's states and one prediction of the UNet. */
async function compute(name: string, module: MotionModule | null, lora: Lora | null): Promise<void> {
  const loras = lora === null ? [] : [{ id: name, lora, weight: 1 }];
  const keys = { unet: `unet-${name}`, text: `text-${name}`, vae: "vae", motion: `motion-${name}` };
  const composed = composeModels({ checkpoint, motion: module, vae: null, loras, controls: [], preview: null, keys }).models;
  const backend = await createNodeBackend({ threads: 1 });
  const engine = new Engine(backend, 0);
  for await (const _ of engine.prepare({ text: composed.text, unet: composed.unet, motion: composed.motion }, "fp32"));
  const ids = Int32Array.from({ length: TOKENS }, (_, i) => (i === 0 ? 49406 : i < 9 ? 320 + 100 * i : 49407));
  const encoder = await engine.session(textPlan(composed.text, { clipSkip: 1, inputs: "ids" }, engine.style("fp32")));
  const hidden = floatOutput(await encoder.run({ ids: { type: "int32", shape: [1, TOKENS], data: ids } }), "hidden");
  const width = composed.unet.config.crossAttentionDim;
  const kv = await engine.session(textKvPlan(composed.unet, { batch: 1, tokens: TOKENS }, engine.style("fp32")));
  const context = await kv.run({ text: floats(hidden, [1, TOKENS, width]) });
  const frames = module === null ? 1 : FRAMES;
  const size = { frames, height: SIDE, width: SIDE, textBatch: 1, textTokens: TOKENS };
  const { unet, motion } = composed;
  engine.beginPhase();
  const plan = unetPlan({ ...size, unet, motion, norm: "diffusers", freeNoise: null, control: false }, engine.unetStyle("fp32"));
  const shape = [frames, 4, SIDE, SIDE];
  const sample = scattered("sample", shape);
  const channels = unet.config.blockOutChannels[0]!;
  const time = floats(timeProjection(TIMESTEP, channels), [1, channels]);
  const outputs = await (await engine.session(plan)).run({ sample: floats(sample, shape), time, ...context });
  const tensor = (key: string, own: readonly number[], data: Float32Array): TensorToWrite => {
    return { name: `${name}.${key}`, dtype: "F32", shape: own, data };
  };
  results.push(
    tensor("hidden", [1, TOKENS, width], hidden),
    tensor("sample", shape, sample),
    tensor("prediction", shape, floatOutput(outputs, "prediction")),
  );
  await engine.release();
  await backend.dispose();
}
