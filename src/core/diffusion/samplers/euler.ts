/** First-order Euler steps along the probability-flow ODE (Karras et al. 2022, algorithm 2 with S_churn = 0). */

import { scaled, weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import {
  beta,
  consecutive,
  exponential,
  interpolatedRows,
  karras,
  leading,
  linspace,
  rowsAtSigmas,
  trailing,
} from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep } from "./definition.ts";

async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly ScheduleStep[]): AsyncGenerator<SamplerStep> {
  for (const [step, { at, to }] of steps.entries()) {
    const { epsilon, denoised } = await denoiser.estimate(scaled(x, Math.sqrt(at.alphaBar)), at);
    x = weightedSum([1, x], [to.sigma - at.sigma, epsilon]);
    yield { step, latents: x, denoised };
  }
}

export function highestSigma(steps: readonly ScheduleStep[]): number {
  return Math.max(...steps.map(({ at }) => at.sigma));
}

const common = {
  variance: "exploding",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: highestSigma,
  timesteps: timestepPerStep,
  run,
} as const;

export const euler: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(interpolatedRows(table, linspace(count))),
};

export const eulerTrailing: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(interpolatedRows(table, trailing(count))),
};

/** Leading spacing does not start at the noisiest timestep, so its start is scaled as if it also contained a clean sample. */
export const eulerLeading: SamplerDefinition = {
  ...common,
  initNoiseScale: (steps) => Math.hypot(highestSigma(steps), 1),
  steps: (table, count) => consecutive(interpolatedRows(table, leading(count))),
};

export const eulerKarras: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, karras(table, count))),
};

export const eulerExponential: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, exponential(table, count))),
};

export const eulerBeta: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, beta(table, count))),
};
