/** Chooses the encoder of a format. The video encoder is loaded on demand, because only it needs a large library. */
import { enlarge } from "../enlarge.ts";
import { GifClipEncoder } from "../gif/gif-clip-encoder.ts";
import { ApngEncoder } from "../png/apng-encoder.ts";
import { FramesZipEncoder } from "../png/frames-zip-encoder.ts";
import { SheetEncoder } from "../png/sheet-encoder.ts";
import { StillEncoder } from "../png/still-encoder.ts";
import type { ClipEncoder, ClipHead, Progress } from "./clip-encoder.ts";
import type { ExportOptions, FileChoice } from "./options.ts";

/** An encoder that enlarges each frame by `options.scale` before it encodes it. */
export async function createClipEncoder(options: ExportOptions, onProgress: Progress): Promise<ClipEncoder> {
  const { file, scale, ...head } = options;
  const enlarged = { ...head, width: head.width * scale, height: head.height * scale };
  const encoder = await encoderOf(file, enlarged, onProgress);
  return {
    addFrame: (pixels) => encoder.addFrame(enlarge(pixels, head.width, head.height, scale)),
    finish: () => encoder.finish(),
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
