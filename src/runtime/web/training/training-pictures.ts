/** The pictures of a training between PNG bytes and the pixels that the engine sees. */

import type { Picture } from "../../../core/fit-picture.ts";
import { withTrigger } from "../../../core/training/captions.ts";
import { toPlanes, toRgba } from "../../../media/pixels.ts";
import { ApngEncoder } from "../../../media/png/apng-encoder.ts";
import { framePng } from "../../../media/png/frame-png.ts";
import { whiteCanvas } from "../../../media/white-canvas.ts";
import type { PngBytes, TrainingPlan, TrainingSample } from "../../../protocol/training.ts";
import type { Examples } from "../../training/examples.ts";

/**
 * Decodes the examples of a plan, with the trigger word in their captions.
 * @param side of the square that they are fitted to, in pixels
 */
export async function readExamples({ kind, examples, trigger }: TrainingPlan, side: number): Promise<Examples> {
  if (kind === "lora") {
    const pictures = examples.map(async ({ frames, caption }) => {
      return { ...(await decode(frames[0]!, side)), caption: withTrigger(caption, trigger) };
    });
    return { type: "pictures", pictures: await Promise.all(pictures) };
  }
  const clips = examples.map(async ({ frames, caption }) => {
    const pictures = await Promise.all(frames.map((frame) => decode(frame, side)));
    return { frames: pictures, caption: withTrigger(caption, trigger) };
  });
  return { type: "clips", clips: await Promise.all(clips) };
}

/** At no more than twice the size that is trained on, because many large pictures would not fit into memory. */
async function decode(png: PngBytes, side: number): Promise<Picture> {
  const bitmap = await createImageBitmap(new Blob([png], { type: "image/png" }));
  const scale = Math.min(1, (2 * side) / Math.min(bitmap.width, bitmap.height));
  const [width, height] = [Math.round(scale * bitmap.width), Math.round(scale * bitmap.height)];
  const context = whiteCanvas(width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { pixels: toPlanes(context.getImageData(0, 0, width, height).data), width, height };
}

/** @param frames [3, height, width] in [-1, 1] each */
export function encodeSample(
  step: number,
  frames: readonly Float32Array[],
  { width, height, fps }: { readonly width: number; readonly height: number; readonly fps: number },
): TrainingSample {
  const rgba = frames.map(toRgba);
  const encoder = new ApngEncoder({ width, height, fps, frameCount: rgba.length, settings: "" }, 0, () => undefined);
  for (const pixels of rgba) encoder.addFrame(pixels);
  return { step, clip: encoder.finish(), still: framePng({ width, height, data: rgba[0]! }) };
}

/** A picture as a data URL, as the metadata of a file hold it. */
export function dataUrl(png: PngBytes): string {
  let text = "";
  for (let at = 0; at < png.length; at += 8192) text += String.fromCharCode(...png.subarray(at, at + 8192));
  return `data:image/png;base64,${btoa(text)}`;
}
