/** Multistep latent consistency sampling (Luo et al. 2023, algorithm 3): jump to the clean sample, add fresh noise, jump again. */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { rowAtTimestep, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";

/** Consistency models are distilled at every 20th timestep: 19, 39, …, 999. */
export const DISTILLATION_STEPS = 50;
const DISTILLATION_STRIDE = TRAINING_STEPS / DISTILLATION_STEPS;
const TIMESTEP_SCALING = 10;
const SIGMA_DATA = 0.5;

/** The last step draws no noise. */
async function* run(
  denoiser: Denoiser,
  x: Float32Array,
  steps: readonly ScheduleStep[],
  drawNoise: () => Float32Array,
): AsyncGenerator<SamplerStep> {
  for (const [step, { at, to }] of steps.entries()) {
    const estimate = await denoiser.estimate(x, at);
    // The boundary condition: at timestep 0 the consistency function is the identity.
    const s = TIMESTEP_SCALING * at.timestep;
    const skip = SIGMA_DATA ** 2 / (s ** 2 + SIGMA_DATA ** 2);
    const out = s / Math.hypot(s, SIGMA_DATA);
    const denoised = weightedSum([out, estimate.denoised], [skip, x]);
    x =
      step === steps.length - 1
        ? denoised
        : weightedSum([Math.sqrt(to.alphaBar), denoised], [Math.sqrt(1 - to.alphaBar), drawNoise()]);
    yield { step, latents: x, denoised };
  }
}

/** Timesteps that consistency models were distilled at, evenly chosen from the noisiest on: 999, 759, 499, 259. */
export function distilled(count: number): number[] {
  return Array.from({ length: count }, (_, k) => {
    const skipped = Math.floor(k * (DISTILLATION_STEPS / count));
    return (DISTILLATION_STEPS - skipped) * DISTILLATION_STRIDE - 1;
  });
}

export const lcm: SamplerDefinition = {
  variance: "preserving",
  maxSteps: DISTILLATION_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  steps: (table, count) => consecutive(distilled(count).map((t) => rowAtTimestep(table, t))),
  run,
};
