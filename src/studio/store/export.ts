/** The options of an export, and the progress of a running one. */
import type { StateCreator } from "zustand/vanilla";
import type { ExportFormat, VideoQuality } from "../../media/export/options.ts";
import { defaultGifEncoding, type GifEncoding } from "../../media/gif/encode-gif.ts";

export interface ExportOptions extends GifEncoding {
  /** The format that the menu saves; the button next to it always saves a GIF. */
  readonly format: ExportFormat;
  readonly encoder: "zoetrope" | "gif.js";
  /** The number of times that a GIF or APNG plays; 0: for ever. */
  readonly plays: number;
  /** The number of times that a video contains the clip, because players show a video once. */
  readonly rounds: number;
  readonly quality: VideoQuality;
  /** The whole factor by which saved pictures are enlarged; 0: as `automaticScale` chooses. */
  readonly scale: number;
  /** Id of the super-resolution model that enlarges the pictures; empty: their pixels are enlarged. */
  readonly upscaler: string;
  /** Saved pictures for each frame; those in between are made for the file. */
  readonly smoothness: number;
}

export interface ExportSlice {
  /** 0-1; null: no export is running. */
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
    scale: 0,
    upscaler: "",
    smoothness: 1,
  },
  setExportProgress: (exportProgress) => set({ exportProgress }),
  setExportOptions: (options) => set(({ exportOptions }) => ({ exportOptions: { ...exportOptions, ...options } })),
});
