/** Trains the LoRA of the kit's fixture in this worker, through the product's training. */

import { defaultTrainingSettings, type TrainingSettings } from "../../src/core/training/training-settings.ts";
import { loadCheckpoint } from "../../src/models/checkpoint.ts";
import { composeModels } from "../../src/runtime/compose/compose.ts";
import type { Backend } from "../../src/runtime/engine/backend.ts";
import { Engine } from "../../src/runtime/engine/engine.ts";
import { peftName } from "../../src/runtime/training/file-names.ts";
import { readFixture, startOf } from "../../src/runtime/training/fixture.ts";
import { lossWeighting, teachWith } from "../../src/runtime/training/teach.ts";
import { teachLora } from "../../src/runtime/training/teachable.ts";
import { kitFile, kitTensors } from "./kit.ts";
import { openTokenizer } from "./run-case.ts";

export interface TrainingResult {
  readonly losses: readonly number[];
  /** By the names that the golden gives them: `grad.KEY` of the first step, `final.KEY`. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  readonly stepMs: number;
}

/** @param given settings other than the defaults */
export async function runTraining(given: Partial<TrainingSettings>, backend: Backend): Promise<TrainingResult> {
  const settings = { ...defaultTrainingSettings(), ...given };
  const checkpoint = await loadCheckpoint([await kitFile("models/tiny-sd15.safetensors")]);
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  const { models } = composeModels({ checkpoint, motion: null, vae: null, loras: [], controls: [], preview: null, keys });
  const fixture = await readFixture(await kitTensors("training/lora.safetensors"));
  const { keys: layers, start } = startOf(fixture, models.unet.weights, peftName);
  const teachable = await teachLora(models, layers, { rank: settings.rank, alpha: settings.alpha, start });
  const prepared = { teachable, data: fixture.data, loss: lossWeighting(settings, models, null) };
  const lesson = { kind: "lora", models, settings, state: null, sample: null, memoryBytes: null, ...prepared } as const;
  const tools = { engine: new Engine(backend, 0), tokenizer: await openTokenizer(), signal: new AbortController().signal };
  const losses: number[] = [];
  const tensors: Record<string, Float32Array> = {};
  let before = performance.now();
  let stepMs = 0;
  for await (const event of teachWith(lesson, tools)) {
    if (event.type === "step") {
      losses.push(event.loss);
      stepMs = performance.now() - before;
      if (event.step === 0) for (const [name, data] of event.gradients) tensors[`grad.${peftName(name)}`] = data.slice();
    }
    before = performance.now();
  }
  for (const [name, { data }] of teachable.parameters) tensors[`final.${peftName(name)}`] = data;
  return { losses, tensors, stepMs };
}
