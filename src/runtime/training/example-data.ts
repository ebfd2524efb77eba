/** Training data made of a person's examples: latents and text states are computed once and kept; chance picks from them. */

import { ZoetropeError } from "../../core/errors.ts";
import { CONTEXT_LENGTH } from "../../core/prompt/tokenizer.ts";
import { drawBatch } from "../../core/training/draws.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { ExampleEncoder, Size } from "./example-encoder.ts";
import type { CaptionedClip, CaptionedPicture, Examples } from "./examples.ts";
import type { TrainingData } from "./training-data.ts";

export interface ExampleOptions {
  /** In pixels. */
  readonly size: Size;
  readonly batch: number;
  /** Of the part of a clip that a step sees; chance picks where it begins. */
  readonly frames: number;
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
}

export type EncodeProgress = { readonly done: number; readonly total: number };

/**
 * Encodes examples and captions.
 * @throws ZoetropeError `training/examples` where there are none, or a clip is too short
 */
export async function* exampleData(
  examples: Examples,
  options: ExampleOptions,
  family: ModelSet["family"],
  encoder: ExampleEncoder,
  signal: AbortSignal,
): AsyncGenerator<EncodeProgress, TrainingData> {
  const list = listed(examples, options.frames);
  await encoder.prepare(signal);
  const total = list.reduce((sum, { frames }) => sum + frames.length, 0);
  let done = 0;
  const encoded: Encoded[] = [];
  for (const { frames, caption } of list) {
    const latents: Float32Array[] = [];
    for (const frame of frames) {
      signal.throwIfAborted();
      latents.push(await encoder.latents(frame, options.size));
      yield { done: ++done, total };
    }
    encoded.push({ latents, text: await encoder.text(caption) });
  }
  const empty = await encoder.text("");
  return dataOf({ encoded, empty }, examples.type === "clips" ? options.frames : null, options, family);
}

function listed(examples: Examples, frames: number): readonly CaptionedClip[] {
  const asClip = (picture: CaptionedPicture) => ({ frames: [picture], caption: picture.caption });
  const list = examples.type === "clips" ? examples.clips : examples.pictures.map(asClip);
  if (list.length === 0) refuse(`There are no ${examples.type} to learn from.`, "Add some.");
  const short = examples.type === "clips" ? list.find((clip) => clip.frames.length < frames) : undefined;
  if (short === undefined) return list;
  return refuse(
    `A clip has ${short.frames.length} frames; ${frames} are learned from.`,
    "Use longer clips, or train on fewer frames.",
  );
}

function dataOf(
  { encoded, empty }: { readonly encoded: readonly Encoded[]; readonly empty: Float32Array },
  clipFrames: number | null,
  options: ExampleOptions,
  { latentChannels: channels, vaeFactor }: ModelSet["family"],
): TrainingData {
  const [height, width] = [options.size.height / vaeFactor, options.size.width / vaeFactor];
  const shape = { batch: options.batch, frames: clipFrames, channels, height, width, textTokens: CONTEXT_LENGTH };
  const frames = clipFrames ?? 1;
  return {
    batch: async (number) => {
      const drawing = { ...options, frames, channels, places: height * width };
      const { samples, starts, uncaptioned, timesteps, noise } = drawBatch(number, encoded.length, drawing);
      const latents = samples.flatMap((sample, i) => {
        const all = encoded[sample]!.latents;
        const from = Math.floor(starts[i]! * (all.length - frames + 1));
        return all.slice(from, from + frames);
      });
      const texts = samples.map((sample, i) => (uncaptioned[i]! ? empty : encoded[sample]!.text));
      return { shape, latents: joined(latents), noise, timesteps, text: joined(texts) };
    },
  };
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
