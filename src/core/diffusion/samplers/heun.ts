/**
 * Heun's method along the probability-flow ODE: an Euler step, repeated with the mean of the slopes at its start and at its end
 * (Karras et al. 2022, algorithm 1).
 */

import { scaled, weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive, interpolatedRows, karras, linspace, rowsAtSigmas } from "../spacing.ts";
import type { SamplerDefinition, SamplerStep } from "./definition.ts";
import { highestSigma } from "./euler.ts";

/** N steps take 2 N - 1 network calls: the last step ends without noise, where no slope exists, and stays an Euler step. */
async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly ScheduleStep[]): AsyncGenerator<SamplerStep> {
  let call = 0;
  for (const [k, { at, to }] of steps.entries()) {
    const here = await denoiser.estimate(scaled(x, Math.sqrt(at.alphaBar)), at);
    const start = x;
    x = weightedSum([1, start], [to.sigma - at.sigma, here.epsilon]);
    yield { step: call++, latents: x, denoised: here.denoised };

    const next = steps[k + 1];
    if (next === undefined) return;
    const ahead = await denoiser.estimate(scaled(x, Math.sqrt(next.at.alphaBar)), next.at);
    const half = (to.sigma - at.sigma) / 2;
    x = weightedSum([1, start], [half, here.epsilon], [half, ahead.epsilon]);
    yield { step: call++, latents: x, denoised: ahead.denoised };
  }
}

const common = {
  variance: "exploding",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: highestSigma,
  /** Every timestep but the first twice: as the end of a step, and as the beginning of the next. */
  timesteps: (steps: readonly ScheduleStep[]) =>
    steps.flatMap(({ at }, k) => (k === 0 ? [at.timestep] : [at.timestep, at.timestep])),
  run,
} as const;

export const heun: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(interpolatedRows(table, linspace(count))),
};

export const heunKarras: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, karras(table, count))),
};
