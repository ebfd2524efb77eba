/** The encoders of all formats, which the export worker chooses from; video comes with a library that only it needs. */
import { enlarge } from "../enlarge.ts";
import { GifClipEncoder } from "../gif/gif-clip-encoder.ts";
import { ApngEncoder } from "../png/apng-encoder.ts";
import { FramesZipEncoder } from "../png/frames-zip-encoder.ts";
import { SheetEncoder } from "../png/sheet-encoder.ts";
import { StillEncoder } from "../png/still-encoder.ts";
import type { ClipHead, ExportOptions, FileChoice } from "./options.ts";

/** RGBA, opaque. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** The clip as an encoder meets it: frames have been enlarged. */
export type EncoderHead = Omit<ClipHead, "scale">;

/** Takes the frames of one clip in order, then gives the file. */
export interface ClipEncoder {
  addFrame(pixels: Pixels): void | Promise<void>;
  finish(): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
}

/** @param onFraction how much of the clip has been encoded, 0-1 */
export type Progress = (fraction: number) => void;

export async function clipEncoder(options: ExportOptions, onFraction: Progress): Promise<ClipEncoder> {
  const { file, scale, ...head } = options;
  const enlarged = { ...head, width: head.width * scale, height: head.height * scale };
  const encoder = await encoderOf(file, enlarged, onFraction);
  return {
    addFrame: (pixels) => encoder.addFrame(enlarge(pixels, head.width, head.height, scale)),
    finish: () => encoder.finish(),
  };
}

async function encoderOf(file: FileChoice, head: EncoderHead, onFraction: Progress): Promise<ClipEncoder> {
  switch (file.format) {
    case "gif":
      return new GifClipEncoder(head, file, onFraction);
    case "apng":
      return new ApngEncoder(head, file.plays, onFraction);
    case "frames":
      return new FramesZipEncoder(head, file.folder, onFraction);
    case "sheet":
      return new SheetEncoder(head);
    case "frame":
      return new StillEncoder(head);
    case "mp4":
    case "webm": {
      const { VideoEncoding } = await import("../video/video-encoding.ts");
      return VideoEncoding.begin(head, file, onFraction);
    }
  }
}
