/** The interface of all samplers: a choice of noise levels, and a function that steps through them. */

import type { Denoiser } from "../prediction.ts";
import type { NoiseTable, ScheduleStep } from "../schedule.ts";

export interface SamplerStep {
  /** Counts the network calls from 0. */
  readonly step: number;
  /** The sampler's state after the step, in the sampler's own scale. */
  readonly latents: Float32Array;
  /** The current estimate of the clean latents, good for a preview. */
  readonly denoised: Float32Array;
}

/** What some samplers can be told beyond the number of steps. */
export interface SamplerTuning {
  /** Stochasticity of `tcd` in [0, 1] (gamma in the paper): 0 adds no noise, 1 all of it. */
  readonly tcdEta: number;
}

export interface SamplerDefinition<Step extends ScheduleStep = ScheduleStep> {
  /**
   * The scale of the sampler's state. "preserving": √ᾱ·x0 + √(1-ᾱ)·noise, which networks take as it is;
   * "exploding": x0 + sigma·noise, which networks take divided by √(sigma² + 1).
   */
  readonly variance: "preserving" | "exploding";
  /** Most steps the sampler can take. */
  readonly maxSteps: number;
  /** The steps for a step count between 1 and `maxSteps`. */
  steps(table: NoiseTable, count: number, tuning: SamplerTuning): Step[];
  /** Factor that turns unit-variance noise into the start of the given noise levels, when they are walked from the first. */
  initNoiseScale(steps: readonly ScheduleStep[]): number;
  /** The timestep of every network call on the way. */
  timesteps(steps: readonly ScheduleStep[]): number[];
  /**
   * @param x         start latents, any layout, in the sampler's scale
   * @param drawNoise unit-variance noise of the size of x; called by stochastic samplers, once per step that adds noise
   */
  run(denoiser: Denoiser, x: Float32Array, steps: readonly Step[], drawNoise: () => Float32Array): AsyncGenerator<SamplerStep>;
}

export const unitNoise = (): number => 1;

export function timestepPerStep(steps: readonly ScheduleStep[]): number[] {
  return steps.map(({ at }) => at.timestep);
}
