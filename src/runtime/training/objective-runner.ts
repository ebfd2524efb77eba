/** The objective's graph on a device: batches in, loss and gradients out. Batches of another shape get a session of their own. */

import type { NormMode } from "../../core/settings/render-settings.ts";
import { type LossWeighting, noised, sampleWeights } from "../../core/training/diffusion-loss.ts";
import { addGradients, type Gradients, type Parameters } from "../../core/training/parameters.ts";
import { ZERO } from "../../graph/differentiate/recomputation.ts";
import { gradientName, type Objective } from "../../graph/objective.ts";
import type { PackProgress } from "../../graph/shards.ts";
import { timeProjection } from "../../graph/unet.ts";
import { use } from "../../storage/use-locks.ts";
import { type Backend, floatOutput, floats, type HostTensor, type Session, type SessionOpening } from "../engine/backend.ts";
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
export interface ObjectiveModels extends Pick<Teachable, "unet" | "motion" | "text"> {
  readonly keys: { readonly unet: string; readonly motion: string; readonly text: string };
  readonly norm: NormMode;
}

/** Each session holds its own copy of the weights: sessions of other shapes are closed if these have more bytes. */
const KEPT_BYTES = 256 * 2 ** 20;

/** Up to so many steps onnxruntime's optimisations of the graph take longer than they save (docs/training.md, "Speed and memory"). */
const FEW_STEPS = 40;

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
  readonly #opening: SessionOpening;
  readonly #sessions = new Map<string, OpenedObjective>();
  readonly #keys: readonly string[];
  /** Ends the protection of the shards. */
  #unlock: (() => Promise<void>) | null = null;

  /**
   * @param memoryBytes that a step may take; null: no limit is known
   * @param steps of the whole training, so that one that goes on later computes in the same way
   */
  constructor(models: ObjectiveModels, weighting: LossWeighting, backend: Backend, memoryBytes: number | null, steps: number) {
    this.#models = models;
    this.#weighting = weighting;
    this.#backend = backend;
    this.#memoryBytes = memoryBytes;
    this.#opening = steps <= FEW_STEPS ? "quick" : "optimised";
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
    const { graph, trained } = fitObjective(
      { ...this.#models, frames, height, width, textTokens },
      this.#backend.kind,
      this.#memoryBytes,
    );
    const parts = this.#parts(graph);
    for await (const progress of packMissing(parts, this.#backend, signal)) {
      signal.throwIfAborted();
      yield progress;
    }
    const layout = layoutOf(parts);
    if (layout.bytes > KEPT_BYTES) await this.#closeSessions();
    const shards = [...layout.shards.keys()];
    const session = await this.#backend.createSession(graph.encode(layout), shards, undefined, this.#opening);
    const zero: Record<string, HostTensor> = graph.inputs.some(({ name }) => name === ZERO)
      ? { [ZERO]: floats(new Float32Array(1), [1]) }
      : {};
    this.#sessions.set(shapeKey(shape), { session, trained: trained.map(({ name }) => name), zero });
  }

  /** Pictures run together; clips run one after the other, because each fills a graph by itself. */
  async run(batch: TrainingBatch, parameters: Parameters, signal: AbortSignal): Promise<LossAndGradients> {
    for await (const _ of this.open(batch.shape, signal));
    const opened = this.#sessions.get(shapeKey(batch.shape))!;
    const trained = Object.fromEntries([...parameters].map(([name, { data, shape }]) => [name, floats(data, shape)]));
    const shares = sampleWeights(batch.timesteps, this.#weighting);
    const results: LossAndGradients[] = [];
    let before = 0;
    for (const part of batch.shape.frames === null ? [batch] : singleClips(batch)) {
      const inputs = this.#inputs(part, shares.subarray(before, before + part.timesteps.length));
      results.push(read(await opened.session.run({ ...inputs, ...trained, ...opened.zero }), opened.trained));
      before += part.timesteps.length;
    }
    return results.reduce(addResults);
  }

  /** Closes the sessions and removes the shards, which no other work uses. */
  async release(): Promise<void> {
    await this.#closeSessions();
    await this.#unlock?.();
    this.#unlock = null;
    await sweepShards(this.#backend.store, (key) => this.#keys.includes(key));
  }

  async #closeSessions(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  #parts({ weights }: Objective["graph"]): PackedPart[] {
    const { unet, motion, text } = this.#models;
    return [unet, motion, text].flatMap((part, i) => {
      const uses = weights.filter(({ source }) => source === part?.weights);
      return uses.length === 0 ? [] : [packedPart({ key: this.#keys[i]! }, "fp32", uses)];
    });
  }

  /** @param shares of the samples in the loss */
  #inputs(batch: TrainingBatch, shares: Float32Array): Record<string, HostTensor> {
    const { latents, noise, timesteps, text, ids } = batch;
    const { frames, channels, height, width, textTokens } = batch.shape;
    const { prediction, alphaBar } = this.#weighting;
    const { noisy, target } = noised(latents, noise, timesteps, alphaBar, prediction);
    const timeChannels = this.#models.unet.config.blockOutChannels[0]!;
    const samples = timesteps.length;
    const shape = [frames ?? samples, channels, height, width];
    const time = new Float32Array(samples * timeChannels);
    for (const [i, timestep] of timesteps.entries()) time.set(timeProjection(timestep, timeChannels), i * timeChannels);
    if (this.#models.text !== null && ids === null) throw new TypeError("a text encoder learns from tokens");
    const words: Record<string, HostTensor> =
      this.#models.text === null
        ? { text: floats(text, [samples, textTokens, text.length / (samples * textTokens)]) }
        : { ids: { type: "int32", shape: [samples, textTokens], data: ids! } };
    return {
      sample: floats(noisy, shape),
      target: floats(target, shape),
      time: floats(time, [samples, timeChannels]),
      weights: floats(shares, [samples]),
      ...words,
    };
  }
}

function singleClips({ shape, latents, noise, timesteps, text, ids }: TrainingBatch): TrainingBatch[] {
  return timesteps.map((timestep, i) => {
    const part = <T extends { readonly length: number; subarray(from: number, to: number): T }>(values: T): T => {
      const length = values.length / shape.batch;
      return values.subarray(i * length, (i + 1) * length);
    };
    const own = { latents: part(latents), noise: part(noise), text: part(text), ids: ids === null ? null : part(ids) };
    return { shape: { ...shape, batch: 1 }, timesteps: [timestep], ...own };
  });
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
