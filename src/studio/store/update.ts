/** Whether a newer version of the page is ready, and whether the browser offers to install the page. */
import type { StateCreator } from "zustand/vanilla";

/** "wanted": the person asked for it during a rendering, and the page reloads afterwards. */
export type Update = "none" | "offered" | "wanted";

export interface UpdateSlice {
  readonly update: Update;
  /** Asks the person whether to install the page; null: the browser does not offer it. */
  readonly install: (() => void) | null;
  setUpdate(update: Update): void;
  setInstall(install: (() => void) | null): void;
}

export const createUpdateSlice: StateCreator<UpdateSlice> = (set) => ({
  update: "none",
  install: null,
  setUpdate: (update) => set({ update }),
  setInstall: (install) => set({ install }),
});
