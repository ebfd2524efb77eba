/** Training data made of a person's pictures: latents and text states are computed once and kept; chance picks from them. */

import { ZoetropeError } from "../../core/errors.ts";
import { tokenizePrompt } from "../../core/prompt/chunks.ts";
import { type ClipTokenizer, CONTEXT_LENGTH } from "../../core/prompt/tokenizer.ts";
import { drawStep } from "../../core/training/draws.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { floatOutput, floats } from "../engine/backend.ts";
import type { Engine } from "../engine/engine.ts";
import { textPlan } from "../engine/plans/text.ts";
import { encoderPlan } from "../engine/plans/vae.ts";
import type { TrainingData } from "./training-data.ts";

export interface TrainingPicture {
  /** [3, side, side] in [-1, 1] */
  readonly pixels: Float32Array;
  /** With the trigger word. Longer ones than the text encoder reads are cut off. */
  readonly caption: string;
}

export interface PictureDataOptions {
  /** Of the square pictures, in pixels. */
  readonly side: number;
  readonly batch: number;
  readonly seed: number;
}

/**
 * Encodes pictures and captions at full precision. A picture's latents are the mean of the VAE's distribution.
 * @throws ZoetropeError `render/not-finite` where the VAE fails on a picture
 */
export async function pictureData(
  pictures: readonly TrainingPicture[],
  { side, batch, seed }: PictureDataOptions,
  models: Pick<ModelSet, "text" | "vae" | "family">,
  { engine, tokenizer, signal }: { readonly engine: Engine; readonly tokenizer: ClipTokenizer; readonly signal: AbortSignal },
): Promise<TrainingData> {
  for await (const _ of engine.prepare({ text: models.text, encoder: models.vae }, "fp32", signal)) signal.throwIfAborted();
  const latents: Float32Array[] = [];
  for (const { pixels } of pictures) {
    signal.throwIfAborted();
    latents.push(await encode(pixels, side, models, engine));
  }
  const states = new Map<string, Float32Array>();
  for (const { caption } of pictures) {
    if (!states.has(caption)) states.set(caption, await textStates(caption, models, engine, tokenizer));
  }
  await engine.release();

  const { latentChannels: channels, vaeFactor } = models.family;
  const places = side / vaeFactor;
  const sampleLength = channels * places * places;
  return {
    shape: { batch, frames: null, channels, height: places, width: places, textTokens: CONTEXT_LENGTH },
    batch: async (step) => {
      const { samples, timesteps, noise } = drawStep(seed, step, pictures.length, batch, sampleLength);
      const texts = samples.map((i) => states.get(pictures[i]!.caption)!);
      return { latents: joined(samples.map((i) => latents[i]!)), noise, timesteps, text: joined(texts) };
    },
  };
}

/** [C, h, w] at the UNet's scale. */
async function encode(
  pixels: Float32Array,
  side: number,
  { vae, family }: Pick<ModelSet, "vae" | "family">,
  engine: Engine,
): Promise<Float32Array> {
  const session = await engine.session(encoderPlan(vae, { height: side, width: side }, engine.style("fp32")));
  const mean = floatOutput(await session.run({ pixels: floats(pixels, [1, 3, side, side]) }), "mean");
  if (mean.every(Number.isFinite)) return mean.map((z) => z * family.latentScale);
  throw new ZoetropeError("render/not-finite", {
    message: "A picture could not be encoded: the VAE gave values that are not numbers.",
    hint: "Train on another checkpoint.",
  });
}

/** [tokens, D] */
async function textStates(
  caption: string,
  { text }: Pick<ModelSet, "text">,
  engine: Engine,
  tokenizer: ClipTokenizer,
): Promise<Float32Array> {
  const session = await engine.session(textPlan(text, { clipSkip: 1, inputs: "ids" }, engine.style("fp32")));
  const { chunks } = tokenizePrompt(tokenizer, caption, { syntax: "plain", longPrompts: "truncate" });
  const ids = Int32Array.from(chunks[0]!.ids);
  return floatOutput(await session.run({ ids: { type: "int32", shape: [1, ids.length], data: ids } }), "hidden");
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
