/**
 * What chance decides for a batch: which examples, which timesteps, what noise. Each batch has a generator of its own, made of the seed
 * and the batch's number, so that a resumed training draws what an uninterrupted one would have.
 */

import { TorchGenerator } from "../diffusion/noise.ts";
import { TRAINING_STEPS } from "../diffusion/schedule.ts";

export interface BatchDraw {
  /** Numbers of the examples. */
  readonly samples: readonly number[];
  readonly timesteps: readonly number[];
  /** [B, F, C, h·w] for clips, [B, C, h·w] for pictures: unit variance, and the offset on top of it. */
  readonly noise: Float32Array;
  /** Where in its clip each sample begins, from 0 to below 1. */
  readonly starts: readonly number[];
  /** Whether each sample is shown without its caption. */
  readonly uncaptioned: readonly boolean[];
}

export interface DrawOptions {
  readonly seed: number;
  readonly batch: number;
  /** Frames of a sample; 1 for pictures. */
  readonly frames: number;
  readonly channels: number;
  /** Places of one channel of a frame's latents. */
  readonly places: number;
  /** Deviation of the shift that each channel of a sample gets as a whole (Guttenberg 2023, "Diffusion with Offset Noise"). */
  readonly noiseOffset: number;
  /** Share of samples without caption. */
  readonly captionDropout: number;
}

/** @param count of examples */
export function drawBatch(number: number, count: number, options: DrawOptions): BatchDraw {
  const { seed, batch, frames, channels, places, noiseOffset, captionDropout } = options;
  const samples = Array.from({ length: batch }, (_, i) => sampleAt(seed, number * batch + i, count));
  const generator = generatorFor(seed, number);
  const timesteps = generator.randint(TRAINING_STEPS, batch);
  const noise = generator.randn(batch * frames * channels * places);
  const shares = () => generator.randint(RESOLUTION, batch).map((x) => x / RESOLUTION);
  const starts = shares();
  const uncaptioned = shares().map((share) => share < captionDropout);
  if (noiseOffset > 0) {
    const offsets = generator.randn(batch * channels); // [B, C], the same for every frame
    for (let i = 0; i < noise.length; i++) {
      const plane = Math.floor(i / places); // of [B, F, C]
      const sample = Math.floor(plane / (frames * channels));
      noise[i]! += noiseOffset * offsets[sample * channels + (plane % channels)]!;
    }
  }
  return { samples, timesteps, noise, starts, uncaptioned };
}

const RESOLUTION = 2 ** 24;

/** Batches in a row from one bucket, because another size may mean another session. */
const BUCKET_RUN = 4;

/** Which of several groups of examples a batch is drawn from: each as often as its share of all examples. */
export function pickBucket(seed: number, number: number, counts: readonly number[]): number {
  if (counts.length === 1) return 0;
  const total = counts.reduce((a, b) => a + b, 0);
  const run = Math.floor(number / BUCKET_RUN);
  const example = generatorFor(seed ^ 0x5bd1e995, run).randint(total, 1)[0]!;
  return counts.findIndex((_, i) => example < counts.slice(0, i + 1).reduce((a, b) => a + b, 0));
}

/** Every sample once in random order, then all of them again in another. */
function sampleAt(seed: number, position: number, count: number): number {
  const round = Math.floor(position / count);
  return generatorFor(seed, -1 - round).randperm(count)[position % count]!;
}

/** Neighbouring seeds and batches must not share a generator, so the number is spread over 32 bits first. */
function generatorFor(seed: number, number: number): TorchGenerator {
  return new TorchGenerator((seed ^ Math.imul(number, 0x9e3779b1)) >>> 0);
}
