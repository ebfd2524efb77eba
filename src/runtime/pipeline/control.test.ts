/** The weight of a control model: its residuals times a number, whatever else is added to them. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadControlNet } from "../../models/control/load.ts";
import type { Checkpoint } from "../../models/types.ts";
import { composeModels } from "../compose/compose.ts";
import type { ControlPart } from "../compose/model-set.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, relL2 } from "../testing/parity-kit.ts";
import { animate } from "./pipeline.ts";

const SIDE = 64;
const settings: RenderSettings = {
  prompt: "a red ball",
  negative: "",
  promptAt: [],
  seed: 1,
  steps: 1,
  cfgScale: 4,
  sampler: "ddim",
  schedule: null,
  frames: 1,
  width: SIDE,
  height: SIDE,
  clipSkip: 1,
  norm: "original",
  precision: "fp32",
  contextLength: 16,
  contextOverlap: 4,
  contextMode: "window",
  longPrompts: "truncate",
  promptSyntax: "plain",
  fps: 8,
};
const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
const tokenizer = createClipTokenizer(clipVocabulary());
const pictures = [{ frame: null, pixels: Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i >> 3) & 1) }];
let engine: Engine;
let checkpoint: Checkpoint;
let control: ControlPart;

beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 0);
  checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
  const { config, weights } = await loadControlNet(kitModel("controlnet.safetensors"));
  control = { key: "controlnet", condition: "pixels", unet: config.unet, motion: null, weights };
});
afterAll(async () => {
  await engine.release();
  await engine.backend.dispose();
});

/** Latents after a step that follows the pictures once for each weight. */
async function stepWith(...weights: readonly number[]): Promise<Float32Array> {
  const controls = weights.map(() => control);
  const { models } = composeModels({ checkpoint, motion: null, vae: null, loras: [], controls, preview: null, keys });
  const hints = weights.map((weight) => ({ weight, pictures }));
  const request = { settings, models, initLatents: null, initVideo: null, decodeTile: null, hints };
  for await (const event of animate(request, engine, tokenizer, new AbortController().signal))
    if (event.type === "step") return event.latents;
  throw new Error("there was no step");
}

it("weights add up, and 0 is as without", async () => {
  const [free, half, whole] = [await stepWith(), await stepWith(0.5), await stepWith(1)];
  expect(relL2(await stepWith(0), free)).toBe(0);
  expect(relL2(await stepWith(0.25, 0.75), whole)).toBeLessThan(1e-5);
  expect(relL2(half, free)).toBeGreaterThan(1e-3);
  expect(relL2(half, whole)).toBeGreaterThan(1e-3);
});
