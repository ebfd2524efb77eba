/** The weight of a control model scales its residuals, whatever else is added to them. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadControlNet } from "../../models/control/load.ts";
import type { Checkpoint } from "../../models/types.ts";
import { composeModels } from "../compose/compose.ts";
import { Engine } from "../engine/engine.ts";
import type { ControlPart } from "../engine/part.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, relL2 } from "../testing/parity-kit.ts";
import { renderClip } from "./render-clip.ts";

const SIDE = 64;
const settings: RenderSettings = {
  ...defaultSettings(),
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

/** Latents after one step under one control model for each weight. */
async function stepWith(...weights: readonly number[]): Promise<Float32Array> {
  const parts = weights.map(() => control);
  const { models } = composeModels({ checkpoint, motion: null, vae: null, loras: [], controls: parts, preview: null, keys });
  const controls = weights.map((weight) => ({ control, hint: { weight, pictures } }));
  const request = { settings, models, initLatents: null, initVideo: null, decodeTile: null, controls };
  const { signal } = new AbortController();
  for await (const event of renderClip(request, { engine, tokenizer, signal })) if (event.type === "step") return event.latents;
  throw new Error("there was no step");
}

it("the weights of several control models add up, and at 0 one has no effect", async () => {
  const [free, half, whole] = [await stepWith(), await stepWith(0.5), await stepWith(1)];
  expect(relL2(await stepWith(0), free)).toBe(0);
  expect(relL2(await stepWith(0.25, 0.75), whole)).toBeLessThan(1e-5);
  expect(relL2(half, free)).toBeGreaterThan(1e-3);
  expect(relL2(half, whole)).toBeGreaterThan(1e-3);
});

/** Latents after each of four steps, the control acting in a range of them. */
async function stepsDuring(during: { start: number; end: number } | null): Promise<Float32Array[]> {
  const parts = during === null ? [] : [control];
  const { models } = composeModels({ checkpoint, motion: null, vae: null, loras: [], controls: parts, preview: null, keys });
  const controls = during === null ? [] : [{ control, hint: { weight: 1, during, pictures } }];
  const request = { settings: { ...settings, steps: 4 }, models, initLatents: null, initVideo: null, decodeTile: null, controls };
  const steps: Float32Array[] = [];
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal }))
    if (event.type === "step") steps.push(event.latents);
  return steps;
}

it("a control acts in its range of the steps only", async () => {
  const [free, whole] = [await stepsDuring(null), await stepsDuring({ start: 0, end: 1 })];
  const [late, early] = [await stepsDuring({ start: 0.5, end: 1 }), await stepsDuring({ start: 0, end: 0.5 })];
  expect(relL2(late[1]!, free[1]!)).toBe(0);
  expect(relL2(late[2]!, free[2]!)).toBeGreaterThan(1e-4);
  expect(relL2(early[1]!, whole[1]!)).toBe(0);
  expect(relL2(early[2]!, whole[2]!)).toBeGreaterThan(1e-4);
});
