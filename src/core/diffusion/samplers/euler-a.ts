/** Ancestral sampling with Euler steps (k-diffusion's `sample_euler_ancestral`): each step goes too far down and adds noise back. */

import { scaled, weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive, interpolatedRows, linspace } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep } from "./definition.ts";
import { highestSigma } from "./euler.ts";

/** Noise is drawn on every step, also on the last one, where none is added: the random stream stays that of the reference. */
async function* run(
  denoiser: Denoiser,
  x: Float32Array,
  steps: readonly ScheduleStep[],
  drawNoise: () => Float32Array,
): AsyncGenerator<SamplerStep> {
  for (const [step, { at, to }] of steps.entries()) {
    const { epsilon, denoised } = await denoiser.estimate(scaled(x, Math.sqrt(at.alphaBar)), at);
    const up = (to.sigma / at.sigma) * Math.sqrt(at.sigma ** 2 - to.sigma ** 2);
    const down = to.sigma ** 2 / at.sigma;
    x = weightedSum([1, x], [down - at.sigma, epsilon], [up, drawNoise()]);
    yield { step, latents: x, denoised };
  }
}

export const eulerA: SamplerDefinition = {
  variance: "exploding",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: highestSigma,
  timesteps: timestepPerStep,
  steps: (table, count) => consecutive(interpolatedRows(table, linspace(count))),
  run,
};
