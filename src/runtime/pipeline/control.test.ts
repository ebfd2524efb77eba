/** Residuals of control models: their weights, pooled ones, and ControlNets that are stored as differences. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadControlNet } from "../../models/control/load.ts";
import { scattered } from "../../models/testing/tiny-files.ts";
import type { Checkpoint } from "../../models/types.ts";
import { composeModels } from "../compose/compose.ts";
import { floatOutput, floats, type HostTensor } from "../engine/backend.ts";
import { Engine } from "../engine/engine.ts";
import { type ControlPart, controlNetPart } from "../engine/part.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, relL2 } from "../testing/parity-kit.ts";
import { openControls } from "./control.ts";
import { askedRung } from "./precision-ladder.ts";
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
  control = controlNetPart("controlnet", await loadControlNet(kitModel("controlnet.safetensors")));
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

/** The residuals for random latents under one control model. */
async function residualsOf(model: ControlPart, half: "cond" | "uncond"): Promise<Readonly<Record<string, HostTensor>>> {
  const { models } = composeModels({ checkpoint, motion: null, vae: null, loras: [], controls: [model], preview: null, keys });
  const controls = [{ control: models.controls[0]!, hint: { weight: 1, pictures } }];
  const request = { settings, models, initLatents: null, initVideo: null, decodeTile: null, controls };
  const prompt = { data: scattered("text", [77 * 64]), shape: [1, 77, 64] as const };
  const job = { request, engine, latentShape: { frames: 1, channels: 4, height: SIDE / 8, width: SIDE / 8 } };
  const residuals = await openControls(
    job,
    askedRung(job),
    { stages: [{ cond: prompt, uncond: prompt }], stageOf: [0], notices: [] },
    1,
  );
  const sample = floats(scattered("sample", [4 * 64]), [1, 4, SIDE / 8, SIDE / 8]);
  const wanted = { half, stage: 0, window: { start: 0, end: 1 }, progress: { step: 0, steps: 1 }, form: "full" } as const;
  return residuals!(sample, floats(scattered("time", [32]), [1, 32]), wanted);
}

it("the residuals of a pooled ControlNet are means over the picture, and zero for the negative prompt", async () => {
  // Packs the weights.
  await stepWith(1);
  const plain = await residualsOf(control, "cond");
  const pooled = await residualsOf({ ...control, pooled: true }, "cond");
  for (const [name, { shape }] of Object.entries(plain)) {
    const area = shape[2]! * shape[3]!;
    const [before, after] = [floatOutput(plain, name), floatOutput(pooled, name)];
    for (const channel of [0, shape[1]! - 1]) {
      const own = before.subarray(channel * area, (channel + 1) * area);
      const mean = own.reduce((sum, value) => sum + value, 0) / area;
      for (const value of after.subarray(channel * area, (channel + 1) * area)) expect(value).toBeCloseTo(mean, 5);
    }
  }
  const negative = await residualsOf({ ...control, pooled: true }, "uncond");
  expect(floatOutput(negative, "control.mid").every((value) => value === 0)).toBe(true);
  expect(floatOutput(plain, "control.mid").some((value) => Math.abs(value) > 1e-3)).toBe(true);
});

it("a ControlNet of differences gets the checkpoint's weights, and shards of its own", async () => {
  const { unet } = checkpoint;
  const read = async (key: string): Promise<Float32Array> => {
    const whole = await control.weights.read(key);
    if (!unet.weights.has(key)) return whole;
    const own = await unet.weights.read(key);
    return whole.map((value, i) => value - own[i]!);
  };
  const { stored: _, ...weights } = control.weights;
  const difference = { ...control, difference: true, weights: { ...weights, read } };
  const { models } = composeModels({
    checkpoint,
    motion: null,
    vae: null,
    loras: [],
    controls: [difference],
    preview: null,
    keys,
  });
  const [whole] = models.controls;
  for (const key of ["conv_in.weight", "mid_block.attentions.0.proj_in.weight", "controlnet_mid_block.weight"])
    expect(relL2(await whole!.weights.read(key), await control.weights.read(key))).toBeLessThan(1e-6);
  expect(whole!.key).toMatch(/^controlnet\+[0-9a-f]{32}$/);
});

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
