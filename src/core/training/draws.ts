/**
 * What chance decides in a step: which pictures, which timesteps, what noise. Each step has a generator of its own, made of the seed and
 * the step's number, so that a resumed training draws what an uninterrupted one would have.
 */

import { TorchGenerator } from "../diffusion/noise.ts";
import { TRAINING_STEPS } from "../diffusion/schedule.ts";

export interface StepDraw {
  /** Numbers of the samples. */
  readonly samples: readonly number[];
  /** Where in its clip each sample begins, from 0 to below 1. */
  readonly starts: readonly number[];
  readonly timesteps: readonly number[];
  /** Unit variance, for all samples. */
  readonly noise: Float32Array;
}

/** @param sampleLength values of one sample's latents */
export function drawStep(seed: number, step: number, count: number, batch: number, sampleLength: number): StepDraw {
  const samples = Array.from({ length: batch }, (_, i) => sampleAt(seed, step * batch + i, count));
  const generator = generatorFor(seed, step);
  const timesteps = generator.randint(TRAINING_STEPS, batch);
  const noise = generator.randn(batch * sampleLength);
  const starts = generator.randint(2 ** 32 - 1, batch).map((x) => x / 2 ** 32);
  return { samples, starts, timesteps, noise };
}

/** Every sample once in random order, then all of them again in another. */
function sampleAt(seed: number, position: number, count: number): number {
  const round = Math.floor(position / count);
  return generatorFor(seed, -1 - round).randperm(count)[position % count]!;
}

/** Neighbouring seeds and steps must not share a generator, so the step is spread over 32 bits first. */
function generatorFor(seed: number, step: number): TorchGenerator {
  return new TorchGenerator((seed ^ Math.imul(step, 0x9e3779b1)) >>> 0);
}
