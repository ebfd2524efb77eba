/** The objective's graph on a device: batches in, loss and gradients out. */

import type { PredictionType } from "../../core/diffusion/prediction.ts";
import { noised, sampleWeights } from "../../core/training/diffusion-loss.ts";
import type { Gradients, Parameters } from "../../core/training/parameters.ts";
import { buildObjective, gradientName, type ObjectiveOptions } from "../../graph/objective.ts";
import { timeProjection } from "../../graph/unet.ts";
import { type Backend, floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import { layoutOf, packedPart, packMissing } from "../engine/packed-part.ts";
import type { BatchShape, TrainingBatch } from "./training-data.ts";

/** How the samples are noised and their losses added. */
export interface LossSettings {
  readonly prediction: PredictionType;
  /** Of every training timestep. */
  readonly alphaBar: Float32Array;
  /** null: all samples count the same. */
  readonly priorWeight: number | null;
}

export interface LossAndGradients {
  readonly loss: number;
  readonly gradients: Gradients;
}

export class ObjectiveSession {
  readonly #session: Session;
  readonly #trained: readonly string[];
  readonly #timeChannels: number;
  readonly #shape: BatchShape;
  readonly #settings: LossSettings;

  private constructor(
    session: Session,
    trained: readonly string[],
    timeChannels: number,
    shape: BatchShape,
    settings: LossSettings,
  ) {
    this.#session = session;
    this.#trained = trained;
    this.#timeChannels = timeChannels;
    this.#shape = shape;
    this.#settings = settings;
  }

  /** Packs the frozen weights and opens the graph over them. */
  static async open(
    models: Pick<ObjectiveOptions, "unet" | "motion" | "norm">,
    shape: BatchShape,
    settings: LossSettings,
    { backend, signal }: { readonly backend: Backend; readonly signal: AbortSignal },
  ): Promise<ObjectiveSession> {
    const { height, width, textTokens } = shape;
    const frames = shape.frames ?? shape.batch;
    const { graph, trained } = buildObjective({ ...models, frames, height, width, textTokens });
    const part = packedPart({ key: "objective" }, "fp32", graph.weights);
    for await (const _ of packMissing([part], backend, signal)) signal.throwIfAborted();
    const layout = layoutOf([part]);
    const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
    const names = trained.map(({ name }) => name);
    return new ObjectiveSession(session, names, models.unet.config.blockOutChannels[0]!, shape, settings);
  }

  /** Pictures run together; clips run one after the other, because each fills a graph by itself. */
  async run(batch: TrainingBatch, parameters: Parameters): Promise<LossAndGradients> {
    const { prediction, alphaBar, priorWeight } = this.#settings;
    const { noisy, target } = noised(batch.latents, batch.noise, batch.timesteps, alphaBar, prediction);
    const shares = sampleWeights(this.#shape.batch, priorWeight);
    const trained = Object.fromEntries([...parameters].map(([name, { data, shape }]) => [name, floats(data, shape)]));
    const runs = this.#shape.frames === null ? 1 : this.#shape.batch;
    const piece = (values: Float32Array, i: number) => {
      const length = values.length / runs;
      return values.subarray(i * length, (i + 1) * length);
    };
    const results: LossAndGradients[] = [];
    for (let i = 0; i < runs; i++) {
      const timesteps = runs === 1 ? batch.timesteps : [batch.timesteps[i]!];
      const inputs = this.#inputs(piece(noisy, i), piece(target, i), timesteps, piece(batch.text, i), piece(shares, i));
      results.push(this.#read(await this.#session.run({ ...inputs, ...trained })));
    }
    return results.reduce(addResults);
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #inputs(
    noisy: Float32Array,
    target: Float32Array,
    timesteps: readonly number[],
    text: Float32Array,
    shares: Float32Array,
  ): Record<string, HostTensor> {
    const { batch, frames, channels, height, width, textTokens } = this.#shape;
    const samples = timesteps.length;
    const shape = [frames ?? batch, channels, height, width];
    const time = new Float32Array(samples * this.#timeChannels);
    for (const [i, timestep] of timesteps.entries()) {
      time.set(timeProjection(timestep, this.#timeChannels), i * this.#timeChannels);
    }
    return {
      sample: floats(noisy, shape),
      target: floats(target, shape),
      time: floats(time, [samples, this.#timeChannels]),
      text: floats(text, [samples, textTokens, text.length / (samples * textTokens)]),
      weights: floats(shares, [samples]),
    };
  }

  #read(outputs: Readonly<Record<string, HostTensor>>): LossAndGradients {
    const gradients = this.#trained.map((name) => [name, floatOutput(outputs, gradientName(name))] as const);
    return { loss: floatOutput(outputs, "loss")[0]!, gradients: new Map(gradients) };
  }
}

/** Adds the second result's gradients into the first's. */
function addResults(sum: LossAndGradients, next: LossAndGradients): LossAndGradients {
  for (const [name, gradient] of sum.gradients) {
    const other = next.gradients.get(name)!;
    for (let i = 0; i < gradient.length; i++) gradient[i]! += other[i]!;
  }
  return { loss: sum.loss + next.loss, gradients: sum.gradients };
}
