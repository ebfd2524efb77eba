/** Converts a network's output into estimates of the noise in a sample and of the clean sample behind it. */

import { weightedSum } from "./latents.ts";
import type { NoiseLevel, ScheduleRow } from "./schedule.ts";

export type PredictionType = "epsilon" | "v_prediction";

/** The network after guidance, asked at a variance-preserving sample √ᾱ·x0 + √(1-ᾱ)·noise. */
export type Model = (input: Float32Array, timestep: number) => Promise<Float32Array>;

export interface Estimate {
  /** The noise in the sample, unit variance. */
  readonly epsilon: Float32Array;
  /** The clean sample x0. */
  readonly denoised: Float32Array;
}

/** A network together with the way its outputs are to be read. */
export class Denoiser {
  readonly #model: Model;
  readonly #type: PredictionType;

  constructor(model: Model, type: PredictionType) {
    this.#model = model;
    this.#type = type;
  }

  /** The raw output; only samplers that mix outputs before reading them need it. */
  output(sample: Float32Array, timestep: number): Promise<Float32Array> {
    return this.#model(sample, timestep);
  }

  /** Reads an output belonging to `sample`, which is variance-preserving at the given level (Salimans & Ho 2022, appendix D). */
  read(output: Float32Array, sample: Float32Array, { alphaBar }: NoiseLevel): Estimate {
    const signal = Math.sqrt(alphaBar);
    const noise = Math.sqrt(1 - alphaBar);
    if (this.#type === "epsilon") {
      return { epsilon: output, denoised: weightedSum([1 / signal, sample], [-noise / signal, output]) };
    }
    return {
      epsilon: weightedSum([signal, output], [noise, sample]),
      denoised: weightedSum([signal, sample], [-noise, output]),
    };
  }

  async estimate(sample: Float32Array, row: ScheduleRow): Promise<Estimate> {
    return this.read(await this.output(sample, row.timestep), sample, row);
  }
}
