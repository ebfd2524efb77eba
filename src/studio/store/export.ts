/** Saving the clip: the options, and the export in progress. */
import type { StateCreator } from "zustand/vanilla";
import { defaultGifEncoding, type GifEncoding } from "../../media/gif/encode-gif.ts";

export interface ExportOptions extends GifEncoding {
  readonly encoder: "zoetrope" | "gif.js";
  /** How often it plays: 0 for ever. */
  readonly plays: number;
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
  exportOptions: { ...defaultGifEncoding, encoder: "zoetrope", plays: 0, scale: 1 },
  setExportProgress: (exportProgress) => set({ exportProgress }),
  setExportOptions: (options) => set(({ exportOptions }) => ({ exportOptions: { ...exportOptions, ...options } })),
});
