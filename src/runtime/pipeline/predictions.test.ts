/** A stopped clip that goes on is the clip that was not stopped, whatever its sampler, and the network is not run again for it. */

import { expect, it } from "vitest";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { tinyClips } from "../testing/tiny-clips.ts";
import { Predictions } from "./predictions.ts";

const tiny = tinyClips();

/** @param stopAfter steps, after which it is cancelled @returns the latents after each step that it told of */
async function sampled(own: Partial<RenderSettings>, predictions: Predictions, stopAfter = Number.POSITIVE_INFINITY) {
  const cancel = new AbortController();
  const steps = new Map<number, Float32Array>();
  try {
    for await (const event of tiny.render(tiny.request({ steps: 5, ...own }), { signal: cancel.signal, predictions })) {
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
