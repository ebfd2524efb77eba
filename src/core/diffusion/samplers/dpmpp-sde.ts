/**
 * SDE-DPM-Solver++(2S) as diffusers takes it (Lu et al. 2022): steps go in pairs; the second of a pair starts again where the pair
 * began and uses both outputs. DPM++ SDE of k-diffusion and A1111 asks twice a step and draws from a Brownian tree, so that its
 * pictures are others; the label tells the two apart.
 */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { roundHalfEven, type ScheduleRow, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive, interpolatedRows, karras, multistep, rowsAtSigmas } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";
import { logSnr, sdeStep } from "./log-snr.ts";

export interface PairedStep extends ScheduleStep {
  /** The step ends a pair. */
  readonly second: boolean;
}

/** Noise is drawn on every step, also on the last one, where none is added. */
async function* run(
  denoiser: Denoiser,
  x: Float32Array,
  steps: readonly PairedStep[],
  drawNoise: () => Float32Array,
): AsyncGenerator<SamplerStep> {
  let first: { at: ScheduleRow; sample: Float32Array; denoised: Float32Array } | null = null;
  for (const [step, { at, to, second }] of steps.entries()) {
    const { denoised } = await denoiser.estimate(x, at);
    // Very long schedules repeat a timestep; there is no slope between equal levels.
    if (second && first !== null && first.at.sigma !== at.sigma) {
      const { h, carry, gain, spread } = sdeStep(first.at, to);
      const slope = h / (logSnr(at).lambda - logSnr(first.at).lambda) / 2;
      x = weightedSum(
        [carry, first.sample],
        [gain * (1 - slope), first.denoised],
        [gain * slope, denoised],
        [spread, drawNoise()],
      );
      first = null;
    } else {
      const { carry, gain, spread } = sdeStep(at, to);
      first = { at, sample: x, denoised };
      x = weightedSum([carry, x], [gain, denoised], [spread, drawNoise()]);
    }
    yield { step, latents: x, denoised };
  }
}

/** Pairs from the first step on; the last step stands alone, and so does the one before it if they are even in number. */
function inPairs(rows: readonly ScheduleRow[]): PairedStep[] {
  return consecutive(rows).map((step, k) => ({ ...step, second: k % 2 === 1 && k < rows.length - 1 }));
}

const common = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  run,
} as const;

export const dpmppSde: SamplerDefinition<PairedStep> = {
  ...common,
  steps: (table, count) => inPairs(interpolatedRows(table, multistep(count))),
};

export const dpmppSdeKarras: SamplerDefinition<PairedStep> = {
  ...common,
  steps: (table, count) => inPairs(rowsAtSigmas(table, karras(table, count), roundHalfEven)),
};
