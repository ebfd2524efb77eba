/** What the training loop asks of an optimiser. */

import type { Gradients, Parameters } from "./parameters.ts";

/** An optimiser's running means by name; a name begins with what it is a mean of, and ends with the parameter's. */
export type OptimiserTensors = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

export interface OptimiserState {
  readonly steps: number;
  readonly tensors: OptimiserTensors;
}

export interface Optimiser {
  /** Moves every parameter by one step, in place. */
  step(parameters: Parameters, gradients: Gradients, learningRate: number): void;
  /** As it stands; not a copy. */
  readonly tensors: OptimiserTensors;
}

/** The optimiser's tensors, each made of zeros when it is first asked for. */
export class RunningMeans {
  readonly #tensors: Map<string, Float32Array<ArrayBuffer>>;

  constructor(tensors: OptimiserTensors) {
    this.#tensors = new Map(tensors);
  }

  get tensors(): OptimiserTensors {
    return this.#tensors;
  }

  of(name: string, length: number): Float32Array<ArrayBuffer> {
    const known = this.#tensors.get(name);
    if (known !== undefined) return known;
    const mean = new Float32Array(length);
    this.#tensors.set(name, mean);
    return mean;
  }
}
