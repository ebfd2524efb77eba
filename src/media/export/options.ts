/** What the export worker is told about a clip and the file it is to become. */
import type { GifMethod } from "../gif/gif-clip-encoder.ts";

export type ExportFormat = "gif" | "mp4" | "webm" | "apng" | "frames" | "sheet" | "frame";

export interface ClipHead {
  /** Size of the frames, and the whole factor they are enlarged by. */
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly fps: number;
  readonly frameCount: number;
  /** The settings as "parameters" text. */
  readonly settings: string;
}

/** How often it plays: 0 for ever. */
interface Repeats {
  readonly plays: number;
}

export type VideoContainer = "mp4" | "webm";
export type VideoQuality = "small" | "good" | "best";

export type FileChoice =
  | ({ readonly format: "gif"; readonly method: GifMethod } & Repeats)
  | ({ readonly format: "apng" } & Repeats)
  | { readonly format: VideoContainer; readonly quality: VideoQuality; readonly title: string }
  /** PNG files in a zip archive, inside a folder of that name. */
  | { readonly format: "frames"; readonly folder: string }
  /** All frames in one PNG, row by row. */
  | { readonly format: "sheet" }
  /** One frame as a PNG. */
  | { readonly format: "frame" };

export type ExportOptions = ClipHead & { readonly file: FileChoice };

export const mimeTypes: Readonly<Record<ExportFormat, string>> = {
  gif: "image/gif",
  mp4: "video/mp4",
  webm: "video/webm",
  apng: "image/png",
  frames: "application/zip",
  sheet: "image/png",
  frame: "image/png",
};
