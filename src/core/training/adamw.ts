/** AdamW as torch computes it (Loshchilov & Hutter 2019, arXiv 1711.05101): Adam with weight decay apart from the gradients. */

import { type Optimiser, type OptimiserState, type OptimiserTensors, RunningMeans } from "./optimiser.ts";
import type { Gradients, Parameters } from "./parameters.ts";

export interface AdamWSettings {
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** Share of a value that decays in a step, times the learning rate. */
  readonly weightDecay: number;
}

/** Keeps two values for each trained one: the running means of its gradient and of the gradient's square. */
export class AdamW implements Optimiser {
  readonly #settings: AdamWSettings;
  readonly #means: RunningMeans;
  #steps: number;

  /** @param state an earlier optimiser's, to go on from */
  constructor(settings: AdamWSettings, state: OptimiserState | null = null) {
    this.#settings = settings;
    this.#means = new RunningMeans(state?.tensors ?? new Map());
    this.#steps = state?.steps ?? 0;
  }

  get tensors(): OptimiserTensors {
    return this.#means.tensors;
  }

  step(parameters: Parameters, gradients: Gradients, learningRate: number): void {
    const [beta1, beta2] = this.#settings.betas;
    const { eps, weightDecay } = this.#settings;
    this.#steps++;
    const stepSize = learningRate / (1 - beta1 ** this.#steps);
    const correction = Math.sqrt(1 - beta2 ** this.#steps);
    const keep = 1 - learningRate * weightDecay;
    for (const [name, { data }] of parameters) {
      const gradient = gradients.get(name)!;
      const first = this.#means.of(`first-moment.${name}`, data.length);
      const second = this.#means.of(`second-moment.${name}`, data.length);
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
}
