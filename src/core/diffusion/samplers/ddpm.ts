/** Ancestral sampling of the diffusion model itself (Ho et al. 2020, algorithm 2) with the smaller of its two variances. */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { rowAtTimestep, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive, leading } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";

/** The last step draws noise too, and adds none of it: the random stream stays that of diffusers. */
async function* run(
  denoiser: Denoiser,
  x: Float32Array,
  steps: readonly ScheduleStep[],
  drawNoise: () => Float32Array,
): AsyncGenerator<SamplerStep> {
  for (const [step, { at, to }] of steps.entries()) {
    const { denoised } = await denoiser.estimate(x, at);
    const alpha = at.alphaBar / to.alphaBar;
    const beta = 1 - alpha;
    const left = (1 - to.alphaBar) / (1 - at.alphaBar);
    x = weightedSum(
      [(Math.sqrt(to.alphaBar) * beta) / (1 - at.alphaBar), denoised],
      [Math.sqrt(alpha) * left, x],
      [Math.sqrt(beta * left), drawNoise()],
    );
    yield { step, latents: x, denoised };
  }
}

export const ddpm: SamplerDefinition = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  steps: (table, count) => consecutive(leading(count).map((t) => rowAtTimestep(table, t))),
  run,
};
