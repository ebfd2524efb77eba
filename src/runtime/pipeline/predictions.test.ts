/** A stopped clip that goes on is the clip that was not stopped, whatever its sampler, and the network is not run again for it. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModels } from "../testing/kit-models.ts";
import { Predictions } from "./predictions.ts";
import { renderClip } from "./render-clip.ts";

const tokenizer = createClipTokenizer(clipVocabulary());
let engine: Engine;
let models: ModelSet;

beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 0);
  models = await kitModels("motion-v3.safetensors");
});
afterAll(async () => {
  await engine.release();
  await engine.backend.dispose();
});

const short = { prompt: "a ball", seed: 1, steps: 5, cfgScale: 1, frames: 2, width: 64, height: 64, precision: "fp32" } as const;

/** @param stopAfter steps, after which it is cancelled @returns the latents after each step that it told of */
async function sampled(own: Partial<RenderSettings>, predictions: Predictions, stopAfter = Number.POSITIVE_INFINITY) {
  const request = {
    settings: { ...defaultSettings(), ...short, ...own },
    models,
    ...{ initLatents: null, initVideo: null, controls: [], decodeTile: null },
  };
  const cancel = new AbortController();
  const steps = new Map<number, Float32Array>();
  try {
    for await (const event of renderClip(request, { engine, tokenizer, signal: cancel.signal, predictions })) {
      if (event.type === "step") steps.set(event.step, event.latents);
      if (event.type === "phase" && event.phase === "decode") break;
      if (steps.size === stopAfter) cancel.abort();
    }
  } catch (thrown) {
    if (!cancel.signal.aborted) throw thrown;
  }
  return steps;
}

it.each<readonly [string, Partial<RenderSettings>]>([
  ["a sampler that remembers earlier steps", { sampler: "dpmpp_2m" }],
  ["one that draws noise in every step", { sampler: "euler_a" }],
  ["one that calls the network twice in a step", { sampler: "heun" }],
  ["with step caching", { sampler: "ddim", stepCache: 2 }],
  ["with two rounds of FreeInit", { sampler: "ddim", steps: 3, freeInit: 2 }],
])("%s", async (_, own) => {
  const whole = await sampled(own, new Predictions());
  const last = Math.max(...whole.keys());
  const predictions = new Predictions();
  const before = await sampled(own, predictions, 4);
  expect(before.size).toBe(4);
  expect(before.has(last)).toBe(false);
  predictions.rewind(own.stepCache ?? 1);
  const known = predictions.count;
  expect(known).toBeGreaterThan(0);
  const after = await sampled(own, predictions);
  expect(after.get(last)).toEqual(whole.get(last));
  // The steps that are known are told of once, by the last of them.
  expect(after.size).toBeLessThan(whole.size);
});

it("known predictions are not computed again; after a rewind to a whole call the others are", async () => {
  const predictions = new Predictions();
  let computed = 0;
  const call = (index: number) =>
    predictions.next(index, async () => {
      computed += 1;
      return Float32Array.of(index);
    });
  for (let index = 0; index < 5; index++) await call(index);
  predictions.rewind(3);
  expect(predictions.count).toBe(3);
  for (let index = 0; index < 5; index++) expect(await call(index)).toEqual(Float32Array.of(index));
  expect(computed).toBe(5 + 2);
});

it("a clip whose predictions are too large begins again from its first step", async () => {
  const predictions = new Predictions(8);
  for (let index = 0; index < 3; index++) await predictions.next(index, async () => Float32Array.of(index));
  predictions.rewind(1);
  expect(predictions.count).toBe(0);
});
