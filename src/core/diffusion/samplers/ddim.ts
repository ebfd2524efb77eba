/** Denoising diffusion implicit models (Song et al. 2021), deterministic (eta 0), no clipping. */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { CLEAN, type NoiseLevel, type NoiseTable, rowAtTimestep, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { leading, stride, trailing } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";

async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly ScheduleStep[]): AsyncGenerator<SamplerStep> {
  for (const [step, { at, to }] of steps.entries()) {
    const { epsilon, denoised } = await denoiser.estimate(x, at);
    x = weightedSum([Math.sqrt(to.alphaBar), denoised], [Math.sqrt(1 - to.alphaBar), epsilon]);
    yield { step, latents: x, denoised };
  }
}

/** Each step goes one stride back from its own timestep, also where (in trailing spacing) the next one is not exactly there. */
function oneStrideBack(table: NoiseTable, timesteps: readonly number[], end: NoiseLevel): ScheduleStep[] {
  return timesteps.map((t) => {
    const previous = t - stride(timesteps.length);
    return { at: rowAtTimestep(table, t), to: previous < 0 ? end : rowAtTimestep(table, previous) };
  });
}

const common = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  run,
} as const;

/** AnimateDiff's own sampler: leading spacing, ends at no noise at all. */
export const ddim: SamplerDefinition = {
  label: "DDIM",
  ...common,
  steps: (table, count) => oneStrideBack(table, leading(count), CLEAN),
};

/** Trailing spacing, which starts from the noisiest timestep; ends at the noise level of timestep 0. */
export const ddimTrailing: SamplerDefinition = {
  label: "DDIM trailing",
  ...common,
  steps: (table, count) => oneStrideBack(table, trailing(count), rowAtTimestep(table, 0)),
};
