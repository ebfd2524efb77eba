/**
 * Adafactor as torch.optim computes it (Shazeer & Stern 2018, arXiv 1804.04235): like Adam without its first moment, and with the second
 * moment of a matrix kept as one mean for each row and each column, so that it takes next to no memory.
 */

import { type Optimiser, type OptimiserState, type OptimiserTensors, RunningMeans } from "./optimiser.ts";
import type { Gradients, Parameters } from "./parameters.ts";

/** torch's defaults. */
const BETA2_DECAY = -0.8;
const SMALLEST_SQUARE = 2 ** -23;
const SMALLEST_SCALE = 1e-3;
const LONGEST_UPDATE = 1;

export interface AdafactorSettings {
  /** Share of a value that decays in a step, times the learning rate. */
  readonly weightDecay: number;
}

export class Adafactor implements Optimiser {
  readonly #settings: AdafactorSettings;
  readonly #means: RunningMeans;
  #steps: number;

  /** @param state an earlier optimiser's, to go on from */
  constructor(settings: AdafactorSettings, state: OptimiserState | null = null) {
    this.#settings = settings;
    this.#means = new RunningMeans(state?.tensors ?? new Map());
    this.#steps = state?.steps ?? 0;
  }

  get tensors(): OptimiserTensors {
    return this.#means.tensors;
  }

  /** @param learningRate upper bound of the relative step size */
  step(parameters: Parameters, gradients: Gradients, learningRate: number): void {
    this.#steps++;
    const share = this.#steps ** BETA2_DECAY;
    const relative = Math.min(learningRate, 1 / Math.sqrt(this.#steps));
    const keep = 1 - learningRate * this.#settings.weightDecay;
    for (const [name, { shape, data }] of parameters) {
      const gradient = gradients.get(name)!;
      const scale = Math.max(SMALLEST_SCALE, norm(data) / Math.sqrt(data.length)) * relative;
      const update = shape.length > 1 ? this.#matrixUpdate(name, shape, gradient, share) : this.#update(name, gradient, share);
      const length = Math.max(1, norm(update) / (Math.sqrt(data.length) * LONGEST_UPDATE));
      for (let i = 0; i < data.length; i++) data[i] = data[i]! * keep - (scale / length) * update[i]!;
    }
  }

  /** The gradient divided by the root of its square's running mean. */
  #update(name: string, gradient: Float32Array, share: number): Float32Array {
    const variance = this.#means.of(`variance.${name}`, gradient.length);
    return gradient.map((g, i) => {
      variance[i]! += share * (g * g - variance[i]!);
      return g / Math.sqrt(Math.max(variance[i]!, SMALLEST_SQUARE ** 2));
    });
  }

  /** The same with the mean estimated from those of its row and column, over the last two axes. */
  #matrixUpdate(name: string, shape: readonly number[], gradient: Float32Array, share: number): Float32Array {
    const [rows, columns] = shape.slice(-2) as [number, number];
    const matrices = gradient.length / (rows * columns);
    const rowMeans = this.#means.of(`row-variance.${name}`, matrices * rows);
    const columnMeans = this.#means.of(`column-variance.${name}`, matrices * columns);
    const rowSums = new Float64Array(rowMeans.length);
    const columnSums = new Float64Array(columnMeans.length);
    for (const [i, g] of gradient.entries()) {
      const row = Math.floor(i / columns);
      rowSums[row]! += g * g;
      columnSums[Math.floor(row / rows) * columns + (i % columns)]! += g * g;
    }
    for (const [i, sum] of rowSums.entries()) rowMeans[i]! += share * (sum / columns - rowMeans[i]!);
    for (const [i, sum] of columnSums.entries()) columnMeans[i]! += share * (sum / rows - columnMeans[i]!);
    const means = Float64Array.from({ length: matrices }, (_, m) => {
      return Math.max(rowMeans.subarray(m * rows, (m + 1) * rows).reduce((a, b) => a + b, 0) / rows, SMALLEST_SQUARE);
    });
    return gradient.map((g, i) => {
      const row = Math.floor(i / columns);
      const matrix = Math.floor(row / rows);
      const variance = (rowMeans[row]! * columnMeans[matrix * columns + (i % columns)]!) / means[matrix]!;
      return g / Math.sqrt(Math.max(variance, SMALLEST_SQUARE ** 2));
    });
  }
}

function norm(values: Float32Array): number {
  let squares = 0;
  for (const x of values) squares += x * x;
  return Math.sqrt(squares);
}
