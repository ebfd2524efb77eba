/** The choices that the export worker gets with a clip: the format of its file, and how to encode it. */
import type { Smoothness } from "../../core/interpolate/smooth-frames.ts";
import type { GifMethod } from "../gif/gif-clip-encoder.ts";
import type { ClipHead } from "./clip-encoder.ts";

export type ExportFormat = "gif" | "mp4" | "webm" | "apng" | "frames" | "sheet" | "frame";

interface Repeats {
  /** The number of times that the file plays; 0: for ever. */
  readonly plays: number;
}

export type VideoContainer = "mp4" | "webm";
export type VideoQuality = "small" | "good" | "best";

export type FileChoice =
  | ({ readonly format: "gif"; readonly method: GifMethod } & Repeats)
  | ({ readonly format: "apng" } & Repeats)
  | { readonly format: VideoContainer; readonly quality: VideoQuality; readonly title: string }
  /** PNG files in a zip archive, inside a folder of the given name. */
  | { readonly format: "frames"; readonly folder: string }
  /** All frames in one PNG, row by row. */
  | { readonly format: "sheet" }
  /** One frame as a PNG. */
  | { readonly format: "frame" };

/** `width` and `height` are those of the frames before they are enlarged; `frameCount` and `fps` count the pictures in between. */
export interface ExportOptions extends ClipHead {
  /** The whole factor by which the frames are enlarged. */
  readonly scale: number;
  readonly file: FileChoice;
  /** Pictures that are made between the frames. Absent: none. */
  readonly smoothness?: Smoothness;
}

export const mimeTypes: Readonly<Record<ExportFormat, string>> = {
  gif: "image/gif",
  mp4: "video/mp4",
  webm: "video/webm",
  apng: "image/png",
  frames: "application/zip",
  sheet: "image/png",
  frame: "image/png",
};
