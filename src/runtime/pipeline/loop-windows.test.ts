/** A closed loop's windows run over the clip's end, and what they predict returns to the frames that it belongs to. */

import { expect, it } from "vitest";
import { loopWindows } from "../../core/animation/windows.ts";
import { floatOutput, floats, type Session } from "../engine/backend.ts";
import { createDenoiser, type DenoiserOptions } from "./denoiser.ts";

const FRAMES = 6;

/** The network's prediction for a frame from its sample and its place in the window. */
function session(predict: (sample: number, place: number) => number): Session {
  return {
    run: async (inputs) => {
      const { shape } = inputs.sample!;
      const sample = floatOutput(inputs, "sample");
      return { prediction: floats(sample.map(predict), shape) };
    },
    release: async () => undefined,
  };
}

function denoiser(network: Session, length: number) {
  return createDenoiser(options(network, length));
}

function options(network: Session, length: number): DenoiserOptions {
  return {
    session: network,
    frames: FRAMES,
    frameShape: [1, 1, 1],
    windows: ({ index }) => loopWindows(FRAMES, length, 1, index),
    windowWeights: Array<number>(length).fill(1),
    fixedInputs: {},
    frameInputs: {},
    timeChannels: 2,
    contexts: [{ cond: [], uncond: null }],
    stageOf: Array<number>(FRAMES).fill(0),
    cfgScale: 1,
    guidanceRescale: 0,
    guidanceInterval: { start: 0, end: 1 },
    stepCaching: null,
    residuals: null,
    signal: new AbortController().signal,
  };
}

const clip = Float32Array.of(10, 11, 12, 13, 14, 15);

it.each([FRAMES, 4])("with windows of %i frames every frame gets its own prediction at every call", async (length) => {
  const denoise = denoiser(
    session((sample) => 2 * sample),
    length,
  );
  for (let call = 0; call < FRAMES; call++)
    expect([...(await denoise(clip, 1, { index: call, step: call }))]).toEqual([20, 22, 24, 26, 28, 30]);
});

it("the first place of the window goes to another frame from call to call", async () => {
  const denoise = denoiser(
    session((_, place) => place),
    FRAMES,
  );
  expect([...(await denoise(clip, 1, { index: 0, step: 0 }))]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...(await denoise(clip, 1, { index: 4, step: 4 }))]).toEqual([2, 3, 4, 5, 0, 1]);
});

it("every step sees the texts of its stage", async () => {
  const stage = (value: number) => ({
    cond: [{ keysAndValues: { k: floats(Float32Array.of(value), [1]) }, scale: 1 }],
    uncond: null,
  });
  const network: Session = {
    run: async ({ k, sample }) => ({
      prediction: floats(new Float32Array(FRAMES).fill(floatOutput({ k: k! }, "k")[0]!), sample!.shape),
    }),
    release: async () => undefined,
  };
  const denoise = createDenoiser({ ...options(network, FRAMES), contexts: [stage(5), stage(7)], stageOf: [0, 1, 0] });
  const seen = [];
  for (const step of [0, 1, 2]) seen.push((await denoise(clip, 1, { index: 2 * step, step }))[0]);
  expect(seen).toEqual([5, 7, 5]);
});
