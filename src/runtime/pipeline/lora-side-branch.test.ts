/** LoRAs as side branches, through the engine: a slider rebuilds nothing, and the UNet predicts as with merged weights. */

import { afterAll, beforeAll, expect, it } from "vitest";
import type { Precision } from "../../core/settings/render-settings.ts";
import { timeProjection } from "../../graph/unet.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadLora } from "../../models/lora/load.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { composeModels, type LoraForm } from "../compose/compose.ts";
import { type Backend, floatOutput, floats } from "../engine/backend.ts";
import { Engine } from "../engine/engine.ts";
import { textKvPlan } from "../engine/plans/text-kv.ts";
import { unetPlan } from "../engine/plans/unet.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, relL2 } from "../testing/parity-kit.ts";

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const motion = await loadMotionModule(kitModel("motion-v3.safetensors"));
const lora = await loadLora(kitModel("lora-kohya.safetensors"));
const shape = { frames: 2, height: 8, width: 8, textBatch: 1, textTokens: 77 };

/** Calls to the backend since the counts were last reset. */
const made = { sessions: 0, shards: 0 };
let backend: Backend;
let engine: Engine;
beforeAll(async () => {
  const node = await createNodeBackend({ threads: 1 });
  backend = {
    ...node,
    store: {
      ...node.store,
      open: (name, bytes) => {
        made.shards++;
        return node.store.open(name, bytes);
      },
    },
    createSession: (model, shards) => {
      made.sessions++;
      return node.createSession(model, shards);
    },
  };
  engine = new Engine(backend, 2 ** 32);
});
afterAll(async () => {
  await engine.release();
  await backend.dispose();
});

it("a slider opens no session and packs nothing, not even at 0", async () => {
  await predict([0.8]);
  for (const weight of [0.5, 0, -1]) {
    Object.assign(made, { sessions: 0, shards: 0 });
    await predict([weight]);
    expect(made, `${weight}`).toEqual({ sessions: 0, shards: 0 });
  }
});

it("a second LoRA on the same layers opens no session and packs nothing", async () => {
  await predict([0.8]);
  Object.assign(made, { sessions: 0, shards: 0 });
  await predict([0.8, 0.3]);
  expect(made).toEqual({ sessions: 0, shards: 0 });
});

it("at weight 0 the prediction is that without LoRA, and the same LoRA twice adds up", async () => {
  const [none, once] = [await predict([]), await predict([0.8])];
  expect(relL2(once, none)).toBeGreaterThan(1e-2);
  expect(relL2(await predict([0]), none)).toBeLessThan(1e-5);
  expect(relL2(await predict([0.5, 0.3]), once)).toBeLessThan(1e-5);
  expect(relL2(await predict([0.8, -0.8]), none)).toBeLessThan(1e-5);
});

it.each([0.8, -0.5])("at weight %s the UNet predicts what merged weights do, up to rounding at q8", async (weight) => {
  const merged = await predict([weight], "fp32", "merged");
  expect(relL2(await predict([weight]), merged)).toBeLessThan(1e-5);
  // Processors round 8-bit products differently, and so does each set of weights: the merged weights at 8 bits say how much.
  const rounding = relL2(await predict([weight], "q8", "merged"), merged);
  const error = relL2(await predict([weight], "q8"), merged);
  expect(error).toBeLessThan(1.5 * rounding);
  // The error of 8 bits is smaller than the effect of the LoRA, so it could not hide a missing LoRA.
  expect(error).toBeLessThan(0.5 * relL2(await predict([], "q8"), merged));
});

/** One call of the UNet under the LoRA at each of these weights. */
async function predict(weights: readonly number[], precision: Precision = "fp32", loraForm: LoraForm = "side-branch") {
  const { models } = composeModels({
    checkpoint,
    motion,
    vae: null,
    loras: weights.map((weight, i) => ({ id: `lora${i}`, lora, weight })),
    controls: [],
    preview: null,
    loraForm,
    keys: { unet: "unet", text: "text", vae: "vae", motion: "motion" },
  });
  for await (const _ of engine.prepare({ unet: models.unet, motion: models.motion }, precision));
  const kv = await engine.session(textKvPlan(models.unet, { batch: 1, tokens: 77 }, engine.style(precision)));
  const width = models.text.config.hiddenSize;
  const text = await kv.run({ text: floats(waves(77 * width), [1, 77, width]) });
  const options = { ...shape, norm: "original", freeNoise: null, control: false } as const;
  const plan = unetPlan({ ...options, unet: models.unet, motion: models.motion }, engine.unetStyle(precision));
  const unet = await engine.session(plan);
  const time = floats(timeProjection(501, 32), [1, 32]);
  return floatOutput(await unet.run({ sample: floats(waves(2 * 4 * 64), [2, 4, 8, 8]), time, ...text }), "prediction");
}

function waves(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7));
}
