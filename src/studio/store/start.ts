/** The pictures that a clip begins with instead of noise, and the strength. */
import type { StateCreator } from "zustand/vanilla";
import type { StartPictures } from "../../protocol/engine.ts";

export interface StartSlice {
  readonly start: Pick<StartPictures, "name" | "pictures"> | null;
  /** As typed; above 0, up to 1. */
  readonly strength: string;
  setStart(start: StartSlice["start"]): void;
  setStrength(strength: string): void;
  /** Restores the start of an earlier animation. */
  restoreStart(start: StartPictures | null): void;
}

export const createStartSlice: StateCreator<StartSlice> = (set) => ({
  start: null,
  strength: "0.6",
  setStart: (start) => set({ start }),
  setStrength: (strength) => set({ strength }),
  restoreStart: (start) => set(start === null ? { start } : { start, strength: String(start.strength) }),
});
