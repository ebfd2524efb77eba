/** Pictures that a clip shall look like (IP-Adapter), as a second source of the UNet's cross-attentions. */

import { hasGuidance, likenessWeights } from "../../core/animation/clip-lanes.ts";
import { interpolateEmbeddings } from "../../core/animation/travel.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ImageFeatures } from "../../graph/image-encoder.ts";
import { clipPixels } from "../../media/clip-pixels.ts";
import { floatOutput, floats } from "../engine/backend.ts";
import { imageEncoderPlan, pictureKvPlan } from "../engine/plans/likeness.ts";
import type { ContextSource } from "./attention-context.ts";
import type { Likeness } from "./clip-request.ts";
import type { Job } from "./job.ts";
import { notFinite } from "./precision-ladder.ts";

export interface LikenessContext {
  readonly cond: ContextSource;
  /** null when there is no guidance. */
  readonly uncond: ContextSource | null;
  /** Tokens of all pictures together. */
  readonly tokens: number;
  /** Whether its weight differs from frame to frame. */
  readonly perFrame: boolean;
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
  const { adapter, encoder, pictures } = likeness;
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
    return {
      keysAndValues: await kv.run({ features: floats(all, [each.length, ...shape]) }),
      scale: likenessWeights(settings) ?? scaleOf(likeness, settings.frames),
    };
  };
  const own: Float32Array[] = [];
  for (const picture of pictures) own.push(await seen(clipPixels(picture, imageSize)));
  const cond = await sourceOf(own);
  const tokens = pictures.length * adapter.config.tokens;
  const perFrame = typeof cond.scale !== "number";
  if (!hasGuidance(settings)) return { cond, uncond: null, tokens, perFrame };
  const nothing = features === "embedding" ? new Float32Array(length) : await seen(new Float32Array(3 * imageSize * imageSize));
  return { cond, uncond: await sourceOf(pictures.map(() => nothing)), tokens, perFrame };
}

/** @throws ZoetropeError `ip-adapter/frame` */
function scaleOf({ weight, weightAt = [] }: Likeness, frames: number): number | Float32Array {
  if (weightAt.length === 0) return weight;
  for (const { frame } of weightAt) {
    if (frame < frames) continue;
    throw new ZoetropeError("ip-adapter/frame", {
      message: `A weight of the pictures to look like is set for frame ${frame}, but the clip has frames 0 to ${frames - 1}.`,
      hint: "Move it inside the clip.",
    });
  }
  const keys = weightAt.map((key) => ({ frame: key.frame, embedding: Float32Array.of(key.weight) }));
  return interpolateEmbeddings(keys, frames);
}
