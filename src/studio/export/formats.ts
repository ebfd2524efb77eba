/** The export formats in words. */
import type { ExportFormat } from "../../media/export/options.ts";

export interface FormatWords {
  readonly name: string;
  /** The name within a sentence. */
  readonly called: string;
  /** A sentence about its use. */
  readonly text: string;
}

export const formatWords: Readonly<Record<ExportFormat, FormatWords>> = {
  gif: { name: "GIF", called: "GIF", text: "Plays everywhere, in at most 256 colours a frame." },
  mp4: { name: "MP4", called: "MP4", text: "H.264 video: small, and taken by phones, players and social networks." },
  webm: { name: "WebM", called: "WebM", text: "Video by a newer codec: smaller still, for browsers and most players." },
  apng: { name: "APNG", called: "APNG", text: "An animated PNG: every colour exactly, for browsers; the largest file." },
  frames: { name: "PNG frames", called: "PNG frames", text: "Every frame as a PNG, in a zip archive: for editing elsewhere." },
  sheet: { name: "Sprite sheet", called: "sprite sheet", text: "All frames in one PNG, row by row: for games and web pages." },
  frame: { name: "This frame", called: "this frame", text: "The frame on the stage as a PNG." },
};

export const formats = Object.keys(formatWords) as readonly ExportFormat[];
