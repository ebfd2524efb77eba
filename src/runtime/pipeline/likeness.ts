/** Pictures that a clip shall look like (IP-Adapter), as a second source of the UNet's cross-attentions. */

import type { ImageFeatures } from "../../graph/image-encoder.ts";
import { clipPixels } from "../../media/clip-pixels.ts";
import { floatOutput, floats } from "../engine/backend.ts";
import { imageEncoderPlan, pictureKvPlan } from "../engine/plans/likeness.ts";
import type { ContextSource } from "./attention-context.ts";
import type { Job } from "./job.ts";
import { notFinite } from "./precision-ladder.ts";

export interface LikenessContext {
  readonly cond: ContextSource;
  /** null when there is no guidance. */
  readonly uncond: ContextSource | null;
  /** Tokens of all pictures together. */
  readonly tokens: number;
}

/**
 * Encoded once for all rungs of the precision ladder. Without the picture, guidance sees what the original sees: a plain adapter's tokens
 * of an embedding of zeros, and a Plus adapter's of a picture of the mean colour; as many as with it.
 * @returns null where the clip shall look like nothing. @throws ZoetropeError `render/not-finite`
 */
export async function encodeLikeness(job: Pick<Job, "request" | "engine" | "signal">): Promise<LikenessContext | null> {
  const { request, engine, signal } = job;
  const { likeness, settings, models } = request;
  if (likeness === null || likeness === undefined) return null;
  const { adapter, encoder, pictures, weight } = likeness;
  const { imageSize, patchSize, hiddenSize, projectionDim } = encoder.config;
  const features: ImageFeatures = adapter.config.kind === "plain" ? "embedding" : "hidden";
  const places = (imageSize / patchSize) ** 2 + 1;
  const shape = features === "embedding" ? [projectionDim] : [places, hiddenSize];
  const length = shape.reduce((a, b) => a * b, 1);
  const style = engine.style(settings.precision);

  engine.beginPhase();
  const encoderSession = await engine.session(imageEncoderPlan(encoder, features, style));
  const seen = async (pixels: Float32Array) => {
    signal.throwIfAborted();
    return floatOutput(await encoderSession.run({ pixels: floats(pixels, [1, 3, imageSize, imageSize]) }), "features");
  };
  const kv = await engine.session(pictureKvPlan(adapter, models.unet, { pictures: pictures.length, places }, style));
  const sourceOf = async (each: readonly Float32Array[]): Promise<ContextSource> => {
    const all = new Float32Array(each.length * length);
    for (const [i, own] of each.entries()) all.set(own, i * length);
    if (!all.every(Number.isFinite))
      throw notFinite("The image encoder gave values that are not numbers.", "Its file is damaged; choose another.");
    return { keysAndValues: await kv.run({ features: floats(all, [each.length, ...shape]) }), scale: weight };
  };
  const own: Float32Array[] = [];
  for (const picture of pictures) own.push(await seen(clipPixels(picture, imageSize)));
  const cond = await sourceOf(own);
  const tokens = pictures.length * adapter.config.tokens;
  if (settings.cfgScale <= 1) return { cond, uncond: null, tokens };
  const nothing = features === "embedding" ? new Float32Array(length) : await seen(new Float32Array(3 * imageSize * imageSize));
  return { cond, uncond: await sourceOf(pictures.map(() => nothing)), tokens };
}
