import { expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { withHeld } from "./held-values.ts";
import { weightedSum } from "./latents.ts";
import { TorchGenerator } from "./noise.ts";
import type { PredictionType } from "./prediction.ts";
import { createSampler } from "./sampler.ts";
import { SAMPLER_NAMES } from "./sampler-names.ts";

const SIZE = 24;
const HELD = [{ offset: 4, clean: Float32Array.from({ length: 6 }, (_, i) => Math.sin(i) * 2) }];
const among = (i: number) => i >= 4 && i < 10;

/** The clean sample that a network finds which looks at each value by itself. */
async function sampled(name: (typeof SAMPLER_NAMES)[number], predictionType: PredictionType, held: typeof HELD) {
  const plan = createSampler({ name, schedule: "linear", steps: 6, predictionType });
  const noise = new TorchGenerator(3).randn(SIZE);
  const begun = withHeld(
    noise.map((x) => x * plan.initNoiseScale),
    held.map(({ offset, clean }) => ({ offset, clean: plan.addNoise(clean, noise.subarray(offset, offset + clean.length)) })),
  );
  const generator = new TorchGenerator(7);
  const model = async (input: Float32Array, timestep: number) => weightedSum([0.7 - timestep / 4000, input]);
  let last: { latents: Float32Array; denoised: Float32Array } | null = null;
  for await (const { latents, denoised } of plan.run(model, begun, () => generator.randn(SIZE), held))
    last = { latents: latents.slice(), denoised: denoised.slice() };
  return last!;
}

test.each(SAMPLER_NAMES.flatMap((name) => [[name, "epsilon"] as const, [name, "v_prediction"] as const]))(
  "%s (%s) gives back what was given, and the rest as without it",
  async (name, type) => {
    const { latents, denoised } = await sampled(name, type, HELD);
    expectClose(denoised.subarray(4, 10), HELD[0]!.clean, { maxAbs: 2e-3 });
    // Its last level is 0, or so near it that only a little noise is left.
    expectClose(latents.subarray(4, 10), HELD[0]!.clean, { maxAbs: 0.2 });
    const free = await sampled(name, type, []);
    const rest = (values: Float32Array) => values.filter((_, i) => !among(i));
    expect(rest(latents)).toEqual(rest(free.latents));
    expect(free.latents.subarray(4, 10)).not.toEqual(latents.subarray(4, 10));
  },
);
