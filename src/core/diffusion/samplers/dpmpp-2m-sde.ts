/**
 * SDE-DPM-Solver++(2M), midpoint form (Lu et al. 2022, appendix on SDE solvers): DPM++ 2M along the stochastic differential equation.
 * First order on the first and the last step.
 */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { roundHalfEven, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { beta, consecutive, exponential, interpolatedRows, karras, multistep, rowsAtSigmas } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";
import { logSnr, sdeStep } from "./log-snr.ts";

/** Noise is drawn on every step, also on the last one, where none is added. */
async function* run(
  denoiser: Denoiser,
  x: Float32Array,
  steps: readonly ScheduleStep[],
  drawNoise: () => Float32Array,
): AsyncGenerator<SamplerStep> {
  let before: { lambda: number; denoised: Float32Array } | null = null;
  for (const [step, { at, to }] of steps.entries()) {
    const { denoised } = await denoiser.estimate(x, at);
    const { lambda } = logSnr(at);
    const { h, carry, gain, spread } = sdeStep(at, to);
    // Very long schedules repeat a timestep; there is no slope between equal levels, so such a step is of first order.
    if (before === null || step === steps.length - 1 || before.lambda === lambda) {
      x = weightedSum([carry, x], [gain, denoised], [spread, drawNoise()]);
    } else {
      const slope = h / (lambda - before.lambda) / 2;
      x = weightedSum([carry, x], [gain * (1 + slope), denoised], [-gain * slope, before.denoised], [spread, drawNoise()]);
    }
    before = { lambda, denoised };
    yield { step, latents: x, denoised };
  }
}

const common = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  run,
} as const;

export const dpmpp2mSde: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(interpolatedRows(table, multistep(count))),
};

export const dpmpp2mSdeKarras: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, karras(table, count), roundHalfEven)),
};

export const dpmpp2mSdeExponential: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, exponential(table, count), Math.trunc)),
};

export const dpmpp2mSdeBeta: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, beta(table, count), Math.trunc)),
};
