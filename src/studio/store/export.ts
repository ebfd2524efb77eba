/** Saving the clip: the options, and the export in progress. */
import type { StateCreator } from "zustand/vanilla";
import type { ExportFormat, VideoQuality } from "../../media/export/options.ts";
import { defaultGifEncoding, type GifEncoding } from "../../media/gif/encode-gif.ts";

export interface ExportOptions extends GifEncoding {
  /** What the menu saves; the button beside it always saves a GIF. */
  readonly format: ExportFormat;
  readonly encoder: "zoetrope" | "gif.js";
  /** How often a GIF or APNG plays: 0 for ever. */
  readonly plays: number;
  /** How often the clip is in a video, which players show once. */
  readonly rounds: number;
  readonly quality: VideoQuality;
  /** Whole factor by which the saved pictures are enlarged. */
  readonly scale: number;
}

export interface ExportSlice {
  /** null: none in progress; else 0-1. */
  readonly exportProgress: number | null;
  readonly exportOptions: ExportOptions;
  setExportProgress(progress: number | null): void;
  setExportOptions(options: Partial<ExportOptions>): void;
}

export const createExportSlice: StateCreator<ExportSlice> = (set) => ({
  exportProgress: null,
  exportOptions: {
    ...defaultGifEncoding,
    format: "gif",
    encoder: "zoetrope",
    plays: 0,
    rounds: 1,
    quality: "good",
    scale: 1,
  },
  setExportProgress: (exportProgress) => set({ exportProgress }),
  setExportOptions: (options) => set(({ exportOptions }) => ({ exportOptions: { ...exportOptions, ...options } })),
});
