/**
 * Sampling in which a part of the clean sample is given, such as the first frame: the given part is at the sampler's noise level in every
 * step, and every estimate of it is what was given, so that the network draws the rest round it. As ComfyUI's latent noise mask does it
 * (`KSamplerX0Inpaint`), for all samplers alike.
 */

import { Denoiser, type Estimate, type Model, type PredictionType } from "./prediction.ts";
import type { NoiseLevel } from "./schedule.ts";

/** Values from `offset` on that the clean sample shall have. */
export interface HeldValues {
  readonly offset: number;
  readonly clean: Float32Array;
}

export class HoldingDenoiser extends Denoiser {
  readonly #held: readonly HeldValues[];
  readonly #type: PredictionType;

  constructor(model: Model, type: PredictionType, held: readonly HeldValues[]) {
    super(model, type);
    this.#type = type;
    this.#held = held;
  }

  /** As if the output had been the one that leads to the given values. */
  override read(output: Float32Array, sample: Float32Array, level: NoiseLevel): Estimate {
    const signal = Math.sqrt(level.alphaBar);
    const noise = Math.sqrt(1 - level.alphaBar);
    const steered = output.slice();
    for (const { offset, clean } of this.#held) {
      for (const [i, x0] of clean.entries()) {
        const x = sample[offset + i]!;
        steered[offset + i] = this.#type === "epsilon" ? (x - signal * x0) / noise : (signal * x - x0) / noise;
      }
    }
    return super.read(steered, sample, level);
  }
}

/** The values in place, in a copy. */
export function withHeld(values: Float32Array, held: readonly HeldValues[]): Float32Array {
  const all = values.slice();
  for (const { offset, clean } of held) all.set(clean, offset);
  return all;
}
