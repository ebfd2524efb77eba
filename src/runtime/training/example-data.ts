/** Training data made of a person's examples: latents and text states are computed once and kept; chance picks from them. */

import { ZoetropeError } from "../../core/errors.ts";
import { CONTEXT_LENGTH } from "../../core/prompt/tokenizer.ts";
import { bucketSize, bucketStep, type Size } from "../../core/training/buckets.ts";
import { type DrawOptions, drawBatch, pickBucket } from "../../core/training/draws.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { ExampleEncoder } from "./example-encoder.ts";
import type { CaptionedClip, CaptionedPicture, Examples } from "./examples.ts";
import type { TrainingBatch, TrainingData } from "./training-data.ts";

export interface ExampleOptions {
  /** Of the square that pictures are cropped to, in pixels; with buckets, of the square of their area. */
  readonly side: number;
  readonly buckets: boolean;
  readonly batch: number;
  /** Frames of a clip that a step sees, one of every `frameStride`; chance picks where they begin. */
  readonly frames: number;
  readonly frameStride: number;
  readonly seed: number;
  readonly noiseOffset: number;
  readonly captionDropout: number;
}

/** An example as the UNet sees it. */
interface Encoded {
  /** [C, h, w] of a picture, or of each frame of a clip. */
  readonly latents: readonly Float32Array[];
  /** [tokens, D] */
  readonly text: Float32Array;
  /** [tokens] */
  readonly ids: Int32Array;
}

/** Examples of one size, and pictures of their class. */
interface Bucket {
  readonly size: Size;
  readonly examples: Encoded[];
  readonly ofClass: Encoded[];
}

export type EncodeProgress = { readonly done: number; readonly total: number };

/**
 * Encodes examples and captions. With pictures of a class a batch has twice as many samples: examples in its first half, pictures of the
 * class in its second.
 * @throws ZoetropeError `training/examples` where there are none, or a clip is too short
 */
export async function* exampleData(
  examples: Examples,
  options: ExampleOptions,
  family: ModelSet["family"],
  encoder: ExampleEncoder,
  signal: AbortSignal,
): AsyncGenerator<EncodeProgress, ExampleBatches> {
  const list = listed(examples, options);
  const sized = list.map((example) => ({ ...example, size: sizeFor(example.frames[0]!, options, family) }));
  const sizes = new Map(sized.map(({ size }) => [`${size.width}×${size.height}`, size]));
  const classPictures = examples.type === "pictures" ? (examples.classPictures ?? []) : [];
  const ofClass = [...sizes.values()].flatMap((size) => classPictures.map((picture) => ({ ...asClip(picture), size })));
  const total = [...sized, ...ofClass].reduce((sum, { frames }) => sum + frames.length, 0);
  const buckets = new Map([...sizes].map(([key, size]): [string, Bucket] => [key, { size, examples: [], ofClass: [] }]));

  await encoder.prepare(signal);
  let done = 0;
  for (const [from, into] of [
    [sized, "examples"],
    [ofClass, "ofClass"],
  ] as const) {
    for (const { frames, caption, size } of from) {
      const latents: Float32Array[] = [];
      for (const frame of frames) {
        signal.throwIfAborted();
        latents.push(await encoder.latents(frame, size));
        yield { done: ++done, total };
      }
      buckets.get(`${size.width}×${size.height}`)![into].push({ latents, ...(await encoder.text(caption)) });
    }
  }
  const clipFrames = examples.type === "clips" ? options.frames : null;
  return new ExampleBatches([...buckets.values()], await encoder.text(""), clipFrames, options, family);
}

function listed(examples: Examples, { frames, frameStride }: ExampleOptions): readonly CaptionedClip[] {
  const list = examples.type === "clips" ? examples.clips : examples.pictures.map(asClip);
  if (list.length === 0) refuse(`There are no ${examples.type} to learn from.`, "Add some.");
  const needed = spanOf(frames, frameStride);
  const short = examples.type === "clips" ? list.find((clip) => clip.frames.length < needed) : undefined;
  if (short === undefined) return list;
  return refuse(
    `A clip has ${short.frames.length} frames; ${needed} are needed.`,
    "Use longer clips, or learn from fewer frames.",
  );
}

function asClip(picture: CaptionedPicture): CaptionedClip {
  return { frames: [picture], caption: picture.caption };
}

function sizeFor(picture: Size, { side, buckets }: ExampleOptions, { vaeFactor }: ModelSet["family"]): Size {
  return buckets ? bucketSize(picture, side, bucketStep(side, vaeFactor)) : { width: side, height: side };
}

/** Frames of the clip from the first to the last that a step sees. */
function spanOf(frames: number, stride: number): number {
  return (frames - 1) * stride + 1;
}

export class ExampleBatches implements TrainingData {
  readonly #buckets: readonly Bucket[];
  readonly #empty: Omit<Encoded, "latents">;
  readonly #clipFrames: number | null;
  readonly #options: ExampleOptions;
  readonly #family: ModelSet["family"];

  constructor(
    buckets: readonly Bucket[],
    empty: Omit<Encoded, "latents">,
    clipFrames: number | null,
    options: ExampleOptions,
    family: ModelSet["family"],
  ) {
    this.#buckets = buckets;
    this.#empty = empty;
    this.#clipFrames = clipFrames;
    this.#options = options;
    this.#family = family;
  }

  /** Every frame of the clips as a picture. */
  asPictures(): ExampleBatches {
    const buckets = this.#buckets.map((bucket) => {
      return {
        ...bucket,
        examples: bucket.examples.flatMap((clip) => clip.latents.map((frame) => ({ ...clip, latents: [frame] }))),
      };
    });
    return new ExampleBatches(buckets, this.#empty, null, this.#options, this.#family);
  }

  /** The frames that a step sees of the only clip, [F, C, h, w], and the states of the empty text. */
  onlyClip(): { readonly latents: Float32Array; readonly shape: readonly number[]; readonly emptyText: Float32Array } {
    const { size, examples } = this.#buckets[0]!;
    const { frameStride } = this.#options;
    const { latentChannels, vaeFactor } = this.#family;
    const frames = this.#clipFrames!;
    const latents = joined(Array.from({ length: frames }, (_, i) => examples[0]!.latents[i * frameStride]!));
    const shape = [frames, latentChannels, size.height / vaeFactor, size.width / vaeFactor];
    return { latents, shape, emptyText: this.#empty.text };
  }

  async batch(number: number): Promise<TrainingBatch> {
    const { seed, batch } = this.#options;
    const { size, examples, ofClass } =
      this.#buckets[
        pickBucket(
          seed,
          number,
          this.#buckets.map((bucket) => bucket.examples.length),
        )
      ]!;
    const { latentChannels: channels, vaeFactor } = this.#family;
    const [height, width] = [size.height / vaeFactor, size.width / vaeFactor];
    const frames = this.#clipFrames ?? 1;
    const drawing = { ...this.#options, frames, channels, places: height * width };
    const own = this.#samples(number, examples, drawing);
    // The class's seed is another one, so that its noise differs from the examples'.
    const parts = ofClass.length === 0 ? [own] : [own, this.#samples(number, ofClass, { ...drawing, seed: seed + 2 ** 31 })];
    const shape = { batch: batch * parts.length, frames: this.#clipFrames, channels, height, width, textTokens: CONTEXT_LENGTH };
    return {
      shape,
      latents: joined(parts.flatMap((part) => part.latents)),
      noise: joined(parts.map((part) => part.noise)),
      timesteps: parts.flatMap((part) => part.timesteps),
      text: joined(parts.flatMap((part) => part.texts.map(({ text }) => text))),
      ids: Int32Array.from(parts.flatMap((part) => part.texts.flatMap(({ ids }) => [...ids]))),
    };
  }

  #samples(number: number, examples: readonly Encoded[], drawing: DrawOptions) {
    const { samples, starts, uncaptioned, timesteps, noise } = drawBatch(number, examples.length, drawing);
    const { frames } = drawing;
    const stride = this.#options.frameStride;
    const latents = samples.flatMap((sample, i) => {
      const all = examples[sample]!.latents;
      const from = Math.floor(starts[i]! * (all.length - spanOf(frames, stride) + 1));
      return Array.from({ length: frames }, (_, frame) => all[from + frame * stride]!);
    });
    const texts = samples.map((sample, i) => (uncaptioned[i]! ? this.#empty : examples[sample]!));
    return { latents, noise, timesteps, texts };
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("training/examples", { message, hint });
}
