/** The latents that sampling starts from: the seed's noise, and a start video in the VAE's latents. */

import { freeNoiseOrder } from "../../core/animation/windows.ts";
import { clipNoise, type LatentShape, TorchGenerator, turnNoise } from "../../core/diffusion/noise.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { StartVideo } from "./clip-request.ts";
import { convertTemporarily } from "./convert.ts";
import { encodePicture } from "./encode-picture.ts";
import type { Job } from "./job.ts";
import { PrecisionLadder, type Rung, vaeRungs } from "./precision-ladder.ts";

export const PICTURE_AT_FULL_PRECISION =
  "The picture to begin with was encoded to values that are not numbers. It is encoded again at full precision.";

/**
 * Unit-variance noise [F, C, h, w]. FreeNoise's frames behind the first window repeat its noise in shuffled order, so that distant
 * frames stay alike.
 */
export function startNoise({ request, generator, latentShape }: Job): Float32Array {
  const { settings, models, initLatents } = request;
  if (initLatents !== null) return initLatents;
  const { frames, contextLength, contextOverlap, contextMode, variation } = settings;
  if (settings.zeroMotion) return repeatedNoise(generator, latentShape);
  const own = clipNoise(generator, latentShape);
  const noise =
    variation === undefined
      ? own
      : turnNoise(own, clipNoise(new TorchGenerator(variation.seed), latentShape), variation.strength);
  if (contextMode === "window" || models.motion === null || frames <= contextLength) return noise;
  const order = freeNoiseOrder(frames, contextLength, contextLength - contextOverlap, (n) => generator.randperm(n));
  const each = noise.length / frames;
  const shuffled = new Float32Array(noise.length);
  for (const [frame, from] of order.entries()) shuffled.set(noise.subarray(from * each, (from + 1) * each), frame * each);
  return shuffled;
}

/** The noise of one frame in every frame. */
function repeatedNoise(generator: TorchGenerator, { frames, channels, height, width }: LatentShape): Float32Array {
  const first = generator.randn(channels * height * width);
  const all = new Float32Array(frames * first.length);
  for (let frame = 0; frame < frames; frame++) all.set(first, frame * first.length);
  return all;
}

/**
 * @returns latents [F, C, h, w] at the UNet's scale
 * @throws ZoetropeError `video/frames`, `render/not-finite`
 */
export async function encodeStartVideo(job: Job, { frames }: StartVideo): Promise<Float32Array> {
  const { settings } = job.request;
  if (frames.length !== settings.frames) {
    throw new ZoetropeError("video/frames", {
      message: `The video to begin with has ${frames.length} frames; ${settings.frames} are to be made.`,
      hint: "Set the number of frames to that of the video.",
    });
  }
  const each = await encodePictures(job, frames);
  const all = new Float32Array(each.length * each[0]!.length);
  for (const [index, latents] of each.entries()) all.set(latents, index * latents.length);
  return all;
}

/**
 * @param pictures [3, H, W] in [-1, 1]; one that comes several times is encoded once
 * @returns latents [C, h, w] at the UNet's scale of each
 * @throws ZoetropeError `render/not-finite`
 */
export async function encodePictures(job: Job, pictures: readonly Float32Array[]): Promise<Float32Array[]> {
  const ladder = new PrecisionLadder(vaeRungs(job), (rung) => prepareEncoder(job, rung));
  const encoded = new Map<Float32Array, Float32Array>();
  const all: Float32Array[] = [];
  for (const pixels of pictures) {
    job.signal.throwIfAborted();
    const latents = encoded.get(pixels) ?? (await ladder.compute((rung) => encodePicture(job, rung, pixels)));
    encoded.set(pixels, latents);
    all.push(latents);
  }
  return all;
}

async function prepareEncoder(job: Job, rung: Rung): Promise<Rung> {
  if (rung.name === "full-weights") {
    job.events.send({ type: "notice", message: PICTURE_AT_FULL_PRECISION });
    await convertTemporarily(job, { encoder: rung.models.vae });
  }
  return rung;
}
