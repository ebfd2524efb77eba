/** Chooses the encoder of a format. The video encoder is loaded on demand, because only it needs a large library. */
import { SmoothFrames } from "../../core/interpolate/smooth-frames.ts";
import { enlarge } from "../enlarge.ts";
import { GifClipEncoder } from "../gif/gif-clip-encoder.ts";
import { ApngEncoder } from "../png/apng-encoder.ts";
import { FramesZipEncoder } from "../png/frames-zip-encoder.ts";
import { SheetEncoder } from "../png/sheet-encoder.ts";
import { StillEncoder } from "../png/still-encoder.ts";
import type { ClipEncoder, ClipHead, Progress } from "./clip-encoder.ts";
import type { ExportOptions, FileChoice } from "./options.ts";

/** An encoder that makes the pictures between the frames, and enlarges each by `options.scale` before it encodes it. */
export async function createClipEncoder(options: ExportOptions, onProgress: Progress): Promise<ClipEncoder> {
  const { file, scale, smoothness = { factor: 1, round: false }, ...head } = options;
  const enlarged = { ...head, width: head.width * scale, height: head.height * scale };
  const encoder = await encoderOf(file, enlarged, onProgress);
  const smooth = new SmoothFrames(head, smoothness);
  const add = async (pictures: readonly Uint8ClampedArray<ArrayBuffer>[]) => {
    for (const pixels of pictures) await encoder.addFrame(enlarge(pixels, head.width, head.height, scale));
  };
  return {
    addFrame: (pixels) => add(smooth.add(pixels)),
    finish: async () => {
      await add(smooth.end());
      return encoder.finish();
    },
  };
}

async function encoderOf(file: FileChoice, head: ClipHead, onProgress: Progress): Promise<ClipEncoder> {
  switch (file.format) {
    case "gif":
      return new GifClipEncoder(head, file, onProgress);
    case "apng":
      return new ApngEncoder(head, file.plays, onProgress);
    case "frames":
      return new FramesZipEncoder(head, file.folder, onProgress);
    case "sheet":
      return new SheetEncoder(head);
    case "frame":
      return new StillEncoder(head);
    case "mp4":
    case "webm": {
      const { VideoEncoding } = await import("../video/video-encoding.ts");
      return VideoEncoding.begin(head, file, onProgress);
    }
  }
}
