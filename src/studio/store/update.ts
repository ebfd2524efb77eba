/** Whether a newer version of the page is ready. */
import type { StateCreator } from "zustand/vanilla";

/** "wanted": the person asked for it during a rendering, and the page reloads afterwards. */
export type Update = "none" | "offered" | "wanted";

export interface UpdateSlice {
  readonly update: Update;
  setUpdate(update: Update): void;
}

export const createUpdateSlice: StateCreator<UpdateSlice> = (set) => ({
  update: "none",
  setUpdate: (update) => set({ update }),
});
