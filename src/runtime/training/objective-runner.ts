/** The objective's graph on a device: batches in, loss and gradients out. Batches of another shape get a session of their own. */

import type { NormMode } from "../../core/settings/render-settings.ts";
import { type LossWeighting, noised, sampleWeights } from "../../core/training/diffusion-loss.ts";
import { addGradients, type Gradients, type Parameters } from "../../core/training/parameters.ts";
import { ZERO } from "../../graph/differentiate/recomputation.ts";
import { gradientName, type Objective } from "../../graph/objective.ts";
import type { PackProgress } from "../../graph/shards.ts";
import { timeProjection } from "../../graph/unet.ts";
import { use } from "../../storage/use-locks.ts";
import { type Backend, floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import { layoutOf, type PackedPart, packedPart, packMissing } from "../engine/packed-part.ts";
import { trainingKey } from "../engine/shard-names.ts";
import { sweepShards } from "../engine/sweep-shards.ts";
import { fitObjective } from "./fit-objective.ts";
import type { Teachable } from "./teachable.ts";
import type { BatchShape, TrainingBatch } from "./training-data.ts";

export interface LossAndGradients {
  readonly loss: number;
  readonly gradients: Gradients;
}

/** What learns, and the keys of the models that it is part of (`Part.key`). */
export interface ObjectiveModels extends Pick<Teachable, "unet" | "motion"> {
  readonly keys: { readonly unet: string; readonly motion: string | null };
  readonly norm: NormMode;
}

interface OpenedObjective {
  readonly session: Session;
  readonly trained: readonly string[];
  /** What recomputation needs to be fed. */
  readonly zero: Readonly<Record<string, HostTensor>>;
}

export class ObjectiveRunner {
  readonly #models: ObjectiveModels;
  readonly #weighting: LossWeighting;
  readonly #backend: Backend;
  readonly #memoryBytes: number | null;
  readonly #sessions = new Map<string, OpenedObjective>();
  readonly #keys: readonly string[];
  /** Ends the protection of the shards. */
  #unlock: (() => Promise<void>) | null = null;

  /** @param memoryBytes that a step may take; null: no limit is known */
  constructor(models: ObjectiveModels, weighting: LossWeighting, backend: Backend, memoryBytes: number | null) {
    this.#models = models;
    this.#weighting = weighting;
    this.#backend = backend;
    this.#memoryBytes = memoryBytes;
    this.#keys = [models.keys.unet, ...(models.keys.motion === null ? [] : [models.keys.motion])].map((key) =>
      trainingKey(key, "steps"),
    );
  }

  /** Packs the frozen weights and opens the graph for batches of this shape. */
  async *open(shape: BatchShape, signal: AbortSignal): AsyncGenerator<PackProgress, void> {
    if (this.#sessions.has(shapeKey(shape))) return;
    this.#unlock ??= await use(this.#keys, signal);
    const { height, width, textTokens } = shape;
    const frames = shape.frames ?? shape.batch;
    const { graph, trained } = fitObjective({ ...this.#models, frames, height, width, textTokens }, this.#memoryBytes);
    const parts = this.#parts(graph);
    for await (const progress of packMissing(parts, this.#backend, signal)) {
      signal.throwIfAborted();
      yield progress;
    }
    const layout = layoutOf(parts);
    const session = await this.#backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
    const zero: Record<string, HostTensor> = graph.inputs.some(({ name }) => name === ZERO)
      ? { [ZERO]: floats(new Float32Array(1), [1]) }
      : {};
    this.#sessions.set(shapeKey(shape), { session, trained: trained.map(({ name }) => name), zero });
  }

  /** Pictures run together; clips run one after the other, because each fills a graph by itself. */
  async run(batch: TrainingBatch, parameters: Parameters, signal: AbortSignal): Promise<LossAndGradients> {
    const { shape } = batch;
    for await (const _ of this.open(shape, signal));
    const { session, trained: names, zero } = this.#sessions.get(shapeKey(shape))!;
    const { prediction, alphaBar } = this.#weighting;
    const { noisy, target } = noised(batch.latents, batch.noise, batch.timesteps, alphaBar, prediction);
    const shares = sampleWeights(batch.timesteps, this.#weighting);
    const trained = Object.fromEntries([...parameters].map(([name, { data, shape }]) => [name, floats(data, shape)]));
    const runs = shape.frames === null ? 1 : shape.batch;
    const piece = (values: Float32Array, i: number) => {
      const length = values.length / runs;
      return values.subarray(i * length, (i + 1) * length);
    };
    const results: LossAndGradients[] = [];
    for (let i = 0; i < runs; i++) {
      const timesteps = runs === 1 ? batch.timesteps : [batch.timesteps[i]!];
      const inputs = this.#inputs(shape, {
        noisy: piece(noisy, i),
        target: piece(target, i),
        timesteps,
        text: piece(batch.text, i),
        shares: piece(shares, i),
      });
      results.push(read(await session.run({ ...inputs, ...trained, ...zero }), names));
    }
    return results.reduce(addResults);
  }

  /** Closes the sessions and removes the shards, which no other work uses. */
  async release(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.release();
    this.#sessions.clear();
    await this.#unlock?.();
    this.#unlock = null;
    await sweepShards(this.#backend.store, (key) => this.#keys.includes(key));
  }

  #parts({ weights }: Objective["graph"]): PackedPart[] {
    const { motion } = this.#models;
    const ofMotion = weights.filter(({ source }) => source === motion?.weights);
    const ofUnet = weights.filter(({ source }) => source !== motion?.weights);
    return [ofUnet, ofMotion].flatMap((uses, i) =>
      uses.length === 0 ? [] : [packedPart({ key: this.#keys[i]! }, "fp32", uses)],
    );
  }

  #inputs({ batch, frames, channels, height, width, textTokens }: BatchShape, given: GivenInputs): Record<string, HostTensor> {
    const { noisy, target, timesteps, text, shares } = given;
    const timeChannels = this.#models.unet.config.blockOutChannels[0]!;
    const samples = timesteps.length;
    const shape = [frames ?? batch, channels, height, width];
    const time = new Float32Array(samples * timeChannels);
    for (const [i, timestep] of timesteps.entries()) time.set(timeProjection(timestep, timeChannels), i * timeChannels);
    return {
      sample: floats(noisy, shape),
      target: floats(target, shape),
      time: floats(time, [samples, timeChannels]),
      text: floats(text, [samples, textTokens, text.length / (samples * textTokens)]),
      weights: floats(shares, [samples]),
    };
  }
}

interface GivenInputs {
  readonly noisy: Float32Array;
  readonly target: Float32Array;
  readonly timesteps: readonly number[];
  readonly text: Float32Array;
  readonly shares: Float32Array;
}

function shapeKey({ batch, frames, height, width, textTokens }: BatchShape): string {
  return [frames ?? `${batch} pictures`, height, width, textTokens].join("/");
}

function read(outputs: Readonly<Record<string, HostTensor>>, trained: readonly string[]): LossAndGradients {
  const gradients = trained.map((name) => [name, floatOutput(outputs, gradientName(name))] as const);
  return { loss: floatOutput(outputs, "loss")[0]!, gradients: new Map(gradients) };
}

/** Adds the second result's gradients into the first's. */
function addResults(sum: LossAndGradients, next: LossAndGradients): LossAndGradients {
  addGradients(sum.gradients, next.gradients);
  return { loss: sum.loss + next.loss, gradients: sum.gradients };
}
