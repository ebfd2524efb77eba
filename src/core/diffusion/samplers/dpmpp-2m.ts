/** DPM-Solver++(2M), midpoint form (Lu et al. 2022, algorithm 2); first order on the first and the last step. */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { roundHalfEven, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { beta, consecutive, exponential, interpolatedRows, karras, multistep, rowsAtSigmas, trailing } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";
import { logSnr } from "./log-snr.ts";

async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly ScheduleStep[]): AsyncGenerator<SamplerStep> {
  let before: { lambda: number; denoised: Float32Array } | null = null;
  for (const [step, { at, to }] of steps.entries()) {
    const { denoised } = await denoiser.estimate(x, at);
    const [s, t] = [logSnr(at), logSnr(to)];
    const h = t.lambda - s.lambda;
    const carry = t.noise / s.noise;
    const gain = -t.signal * Math.expm1(-h);
    // Very long schedules repeat a timestep; there is no slope between equal levels, so such a step is of first order.
    if (before === null || step === steps.length - 1 || before.lambda === s.lambda) {
      x = weightedSum([carry, x], [gain, denoised]);
    } else {
      const slope = h / (s.lambda - before.lambda) / 2;
      x = weightedSum([carry, x], [gain * (1 + slope), denoised], [-gain * slope, before.denoised]);
    }
    before = { lambda: s.lambda, denoised };
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

export const dpmpp2m: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(interpolatedRows(table, multistep(count))),
};

export const dpmpp2mKarras: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, karras(table, count), roundHalfEven)),
};

/** diffusers cuts the timesteps of this spacing and of the next to whole numbers. */
export const dpmpp2mExponential: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, exponential(table, count), Math.trunc)),
};

export const dpmpp2mBeta: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, beta(table, count), Math.trunc)),
};

export const dpmpp2mTrailing: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(interpolatedRows(table, trailing(count))),
};
