/** Saving the clip: the options, and the export in progress. */
import type { StateCreator } from "zustand/vanilla";

export interface ExportSlice {
  /** null: none in progress; else 0-1. */
  readonly exportProgress: number | null;
  readonly exportLoop: boolean;
  /** Whole factor by which the saved pictures are enlarged. */
  readonly exportScale: number;
  setExportProgress(progress: number | null): void;
  setExportOptions(options: Partial<Pick<ExportSlice, "exportLoop" | "exportScale">>): void;
}

export const createExportSlice: StateCreator<ExportSlice> = (set) => ({
  exportProgress: null,
  exportLoop: true,
  exportScale: 1,
  setExportProgress: (exportProgress) => set({ exportProgress }),
  setExportOptions: (options) => set(options),
});
