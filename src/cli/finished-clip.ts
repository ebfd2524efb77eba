/** What is made of a clip once its frames are drawn: larger pictures by a super-resolution model, and pictures between the frames. */

import { SmoothFrames, type Smoothness } from "../core/interpolate/smooth-frames.ts";
import { type Upscaler, upscaleRgba } from "../runtime/engine/run-upscaler.ts";
import type { Clip } from "./output.ts";

/**
 * The clip as large as the super-resolution model makes it.
 * @param report hears how many pictures are done
 */
export async function upscaledClip(
  clip: Clip,
  upscaler: Upscaler | null,
  signal: AbortSignal,
  report: (done: number) => void,
): Promise<Clip> {
  if (upscaler === null) return clip;
  const { width, height } = clip;
  const frames: Clip["frames"][number][] = [];
  report(0);
  for (const frame of clip.frames) {
    frames.push(await upscaleRgba(upscaler, frame, clip, signal));
    report(frames.length);
  }
  return { ...clip, width: upscaler.factor * width, height: upscaler.factor * height, frames };
}

/** The clip with the pictures between its frames, at as many times its rate. */
export function smoothClip(clip: Clip, smoothness: Smoothness): Clip {
  const smooth = new SmoothFrames(clip, smoothness);
  const frames = [...clip.frames.flatMap((frame) => smooth.add(frame)), ...smooth.end()];
  return { ...clip, frames, fps: clip.fps * smoothness.factor };
}
