/** The pictures that a clip begins with instead of noise, and the strength. */
import type { StateCreator } from "zustand/vanilla";
import type { StartPictures } from "../../protocol/engine.ts";

export interface StartSlice {
  readonly start: Pick<StartPictures, "name" | "pictures"> | null;
  /** As typed; above 0, up to 1. */
  readonly strength: string;
  /** As typed: the first picture to begin with, counted from 1. */
  readonly startFrom: string;
  readonly cameraOpen: boolean;
  setStart(start: StartSlice["start"]): void;
  setStrength(strength: string): void;
  setStartFrom(startFrom: string): void;
  setCameraOpen(open: boolean): void;
  /** Restores the start of an earlier animation. */
  restoreStart(start: StartPictures | null): void;
}

export const createStartSlice: StateCreator<StartSlice> = (set) => ({
  start: null,
  strength: "0.6",
  startFrom: "1",
  cameraOpen: false,
  setStart: (start) => set({ start, startFrom: "1" }),
  setStrength: (strength) => set({ strength }),
  setStartFrom: (startFrom) => set({ startFrom }),
  setCameraOpen: (cameraOpen) => set({ cameraOpen }),
  restoreStart: (start) => set(start === null ? { start } : { start, startFrom: "1", strength: String(start.strength) }),
});
