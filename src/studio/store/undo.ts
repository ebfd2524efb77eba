/** The numbers of changes that can be undone and redone; undo/undo.ts keeps the changes themselves. */
import type { StateCreator } from "zustand/vanilla";

export interface UndoSlice {
  readonly undoSteps: number;
  readonly redoSteps: number;
  setUndoSteps(undoSteps: number, redoSteps: number): void;
}

export const createUndoSlice: StateCreator<UndoSlice> = (set) => ({
  undoSteps: 0,
  redoSteps: 0,
  setUndoSteps: (undoSteps, redoSteps) => set({ undoSteps, redoSteps }),
});
