/** AdamW as torch computes it (Loshchilov & Hutter 2019, arXiv 1711.05101): Adam with weight decay apart from the gradients. */

import type { Gradients, Parameters } from "./parameters.ts";

export interface AdamWSettings {
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** Share of a value that decays in a step, times the learning rate. */
  readonly weightDecay: number;
}

/** Running means of one parameter's gradient and of its square. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export class AdamW {
  readonly #settings: AdamWSettings;
  readonly #moments: Map<string, Moments>;
  #steps: number;

  /** @param state an earlier optimiser's, to go on from */
  constructor(settings: AdamWSettings, state: { steps: number; moments: ReadonlyMap<string, Moments> } | null = null) {
    this.#settings = settings;
    this.#moments = new Map(state?.moments);
    this.#steps = state?.steps ?? 0;
  }

  get moments(): ReadonlyMap<string, Moments> {
    return this.#moments;
  }

  /** Moves every parameter by one step, in place. */
  step(parameters: Parameters, gradients: Gradients, learningRate: number): void {
    const [beta1, beta2] = this.#settings.betas;
    const { eps, weightDecay } = this.#settings;
    this.#steps++;
    const stepSize = learningRate / (1 - beta1 ** this.#steps);
    const correction = Math.sqrt(1 - beta2 ** this.#steps);
    const keep = 1 - learningRate * weightDecay;
    for (const [name, { data }] of parameters) {
      const gradient = gradients.get(name)!;
      const { first, second } = this.#momentsOf(name, data.length);
      for (let i = 0; i < data.length; i++) {
        const g = gradient[i]!;
        const m = beta1 * first[i]! + (1 - beta1) * g;
        const v = beta2 * second[i]! + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        data[i] = data[i]! * keep - (stepSize * m) / (Math.sqrt(v) / correction + eps);
      }
    }
  }

  #momentsOf(name: string, length: number): Moments {
    const known = this.#moments.get(name);
    if (known !== undefined) return known;
    const moments = { first: new Float32Array(length), second: new Float32Array(length) };
    this.#moments.set(name, moments);
    return moments;
  }
}
