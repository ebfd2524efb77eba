/**
 * Diffusion exponential integrator sampler of order 2 in the log-rho form (Zhang & Chen 2023): Euler along the probability-flow ODE,
 * with the noise extrapolated linearly in ln sigma. diffusers ends it at the noise level of timestep 0.
 */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { rowAtTimestep, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive, interpolatedRows, multistep } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";
import { logSnr } from "./log-snr.ts";

/** From this many steps on, the last one is of second order too. */
const LONG = 15;

export interface DeisStep extends ScheduleStep {
  readonly secondOrder: boolean;
}

async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly DeisStep[]): AsyncGenerator<SamplerStep> {
  let before: { sigma: number; epsilon: Float32Array } | null = null;
  for (const [step, { at, to, secondOrder }] of steps.entries()) {
    const { epsilon, denoised } = await denoiser.estimate(x, at);
    const [from, signal] = [logSnr(at).signal, logSnr(to).signal];
    // The integral over sigma of the line through both outputs; very long schedules repeat a timestep, which has no line.
    const older =
      secondOrder && before !== null && before.sigma !== at.sigma
        ? integral(to.sigma, before.sigma, at.sigma) - integral(at.sigma, before.sigma, at.sigma)
        : 0;
    x = weightedSum(
      [signal / from, x],
      [signal * (to.sigma - at.sigma - older), epsilon],
      [signal * older, before?.epsilon ?? epsilon],
    );
    before = { sigma: at.sigma, epsilon };
    yield { step, latents: x, denoised };
  }
}

/** ∫ (ln sigma - ln zero) / (ln one - ln zero) d sigma: the weight that is 1 at `one` and 0 at `zero`. */
function integral(sigma: number, one: number, zero: number): number {
  return (sigma * (Math.log(sigma / zero) - 1)) / Math.log(one / zero);
}

export const deis: SamplerDefinition<DeisStep> = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  steps: (table, count) =>
    consecutive(interpolatedRows(table, multistep(count)), rowAtTimestep(table, 0)).map((step, k) => ({
      ...step,
      secondOrder: k < count - 1 || count >= LONG,
    })),
  run,
};
