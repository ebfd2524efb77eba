/** Whether a newer version of the page is there. */
import type { StateCreator } from "zustand/vanilla";

/** "wanted": the person has asked for it while something was being made, and it comes after that. */
export type Update = "none" | "offered" | "wanted";

export interface UpdateSlice {
  readonly update: Update;
  setUpdate(update: Update): void;
}

export const createUpdateSlice: StateCreator<UpdateSlice> = (set) => ({
  update: "none",
  setUpdate: (update) => set({ update }),
});
