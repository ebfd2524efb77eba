/** Denoising diffusion implicit models (Song et al. 2021), deterministic (eta 0), no clipping. */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { CLEAN, type NoiseTable, rowAtTimestep, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { leading, stride, trailing } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";

async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly ScheduleStep[]): AsyncGenerator<SamplerStep> {
  for (const [step, { at, to }] of steps.entries()) {
    const { epsilon, denoised } = await denoiser.estimate(x, at);
    x = weightedSum([Math.sqrt(to.alphaBar), denoised], [Math.sqrt(1 - to.alphaBar), epsilon]);
    yield { step, latents: x, denoised };
  }
}

/** Each step goes one stride back, also where (in trailing spacing) the next timestep is not exactly there; the last ends clean. */
function oneStrideBack(table: NoiseTable, timesteps: readonly number[]): ScheduleStep[] {
  return timesteps.map((t) => {
    const previous = t - stride(timesteps.length);
    return { at: rowAtTimestep(table, t), to: previous < 0 ? CLEAN : rowAtTimestep(table, previous) };
  });
}

const common = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  run,
} as const;

/** AnimateDiff's own sampler: leading spacing. */
export const ddim: SamplerDefinition = {
  ...common,
  steps: (table, count) => oneStrideBack(table, leading(count)),
};

/** Trailing spacing, which starts from the noisiest timestep. */
export const ddimTrailing: SamplerDefinition = {
  ...common,
  steps: (table, count) => oneStrideBack(table, trailing(count)),
};
