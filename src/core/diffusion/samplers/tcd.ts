/**
 * Strategic stochastic sampling of trajectory consistency distillation (Zheng et al. 2024, algorithm 4): the network jumps past the
 * next timestep, and fresh noise brings the sample back to it.
 */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { type NoiseLevel, rowAtTimestep, type ScheduleStep } from "../schedule.ts";
import { consecutive } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";
import { DISTILLATION_STEPS, distilled } from "./lcm.ts";

export interface TcdStep extends ScheduleStep {
  /** The level that the network jumps to; above `to` in signal by as much as eta says. */
  readonly past: NoiseLevel;
}

/** Noise is drawn only where there is a way back: never on the last step, and never with eta 0. */
async function* run(
  denoiser: Denoiser,
  x: Float32Array,
  steps: readonly TcdStep[],
  drawNoise: () => Float32Array,
): AsyncGenerator<SamplerStep> {
  for (const [step, { at, past, to }] of steps.entries()) {
    const { epsilon, denoised } = await denoiser.estimate(x, at);
    x = weightedSum([Math.sqrt(past.alphaBar), denoised], [Math.sqrt(1 - past.alphaBar), epsilon]);
    const kept = to.alphaBar / past.alphaBar;
    if (kept < 1) x = weightedSum([Math.sqrt(kept), x], [Math.sqrt(1 - kept), drawNoise()]);
    yield { step, latents: x, denoised };
  }
}

export const tcd: SamplerDefinition<TcdStep> = {
  variance: "preserving",
  maxSteps: DISTILLATION_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  steps(table, count, { tcdEta }) {
    const timesteps = distilled(count);
    const rows = timesteps.map((t) => rowAtTimestep(table, t));
    return consecutive(rows, rowAtTimestep(table, 0)).map((step, k) => ({
      ...step,
      past: rowAtTimestep(table, Math.floor((1 - tcdEta) * (timesteps[k + 1] ?? 0))),
    }));
  },
  run,
};
