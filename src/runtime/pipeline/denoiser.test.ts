/** Which calls of the UNet are full, shallow or left out: step caching and the guidance interval, on sessions that only record. */

import { expect, it } from "vitest";
import type { HostTensor, Session } from "../engine/backend.ts";
import { promptContext } from "./attention-context.ts";
import { DeepFeatures } from "./deep-features.ts";
import { createDenoiser, type DenoiserOptions } from "./denoiser.ts";

const CONTEXT = promptContext({});
const GUIDED = [{ cond: CONTEXT, uncond: CONTEXT }];

/** A denoiser whose calls are noted as "full uncond 0", where the deep features carry the number of the full call that found them. */
function recording(options: Partial<DenoiserOptions>, every: number | null) {
  const calls: string[] = [];
  let fulls = 0;
  const prediction = (inputs: Readonly<Record<string, HostTensor>>) => {
    const { data, shape } = inputs.sample as Extract<HostTensor, { type: "float32" }>;
    return { type: "float32", shape, data: new Float32Array(data.length) } as const;
  };
  const session: Session = {
    run: async (inputs) => {
      calls.push(`full ${fulls}`);
      return { prediction: prediction(inputs), deep: { type: "float32", shape: [1], data: Float32Array.of(fulls++) } };
    },
    release: async () => undefined,
  };
  const shallow: Session = {
    run: async (inputs) => {
      calls.push(`on ${inputs.deep!.data[0]}`);
      return { prediction: prediction(inputs) };
    },
    release: async () => undefined,
  };
  const denoise = createDenoiser({
    session,
    stepCaching: every === null ? null : { shallow, features: new DeepFeatures(every) },
    frames: 2,
    frameShape: [4, 1, 1],
    windows: () => [{ start: 0, end: 2 }],
    windowWeights: [1, 1],
    timeChannels: 32,
    fixedInputs: {},
    frameInputs: {},
    contexts: [{ cond: CONTEXT, uncond: null }],
    stageOf: [0, 0, 0, 0, 0],
    cfgScale: 7,
    guidanceRescale: 0,
    guidanceInterval: { start: 0, end: 1 },
    residuals: null,
    signal: new AbortController().signal,
    ...options,
  });
  const run = async (timesteps: readonly number[]) => {
    calls.length = 0;
    const latents = new Float32Array(4 * (options.frames ?? 2));
    for (const [call, timestep] of timesteps.entries()) await denoise(latents, timestep, { index: call, step: call });
    return [...calls];
  };
  return run;
}

it("without step caching every call is full", async () => {
  expect(await recording({}, null)([900, 500, 100])).toEqual(["full 0", "full 1", "full 2"]);
});

it("every Nth call is full, and those between use what the last one found", async () => {
  expect(await recording({}, 3)([900, 700, 500, 300, 100])).toEqual(["full 0", "on 0", "on 0", "full 1", "on 1"]);
});

it("each guidance half and each window keeps its own", async () => {
  const run = recording({ contexts: GUIDED }, 2);
  expect(await run([900, 700])).toEqual(["full 0", "full 1", "on 0", "on 1"]);
  const windows = [
    { start: 0, end: 2 },
    { start: 1, end: 3 },
  ];
  expect(await recording({ windows: () => windows, frames: 3 }, 2)([900, 700])).toEqual(["full 0", "full 1", "on 0", "on 1"]);
});

it("guidance outside of its interval takes no call, and where it begins between two full calls its half is full", async () => {
  const interval = { contexts: GUIDED, guidanceInterval: { start: 0.3, end: 0.6 } };
  expect(await recording(interval, null)([900, 600, 500, 100])).toHaveLength(6);
  const run = recording(interval, 4);
  // uncond, then cond: at 600 the former has nothing to build on.
  expect(await run([900, 600, 500, 100])).toEqual(["full 0", "full 1", "on 0", "on 1", "on 0", "on 0"]);
});

it("another sampling does not build on what the last one left", async () => {
  const run = recording({ contexts: GUIDED, guidanceInterval: { start: 0.3, end: 1 } }, 4);
  await run([900, 600]);
  expect(await run([900, 600])).toEqual(["full 2", "full 3", "on 2"]);
});
