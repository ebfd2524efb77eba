/** Which parts of the panel are unfolded. */
import type { StateCreator } from "zustand/vanilla";
import { remember, rememberedJson } from "./remembered.ts";

export type Fold = "sampling" | "advanced";

export type Folds = Readonly<Record<Fold, boolean>>;

export interface FoldsSlice {
  readonly folds: Folds;
  setFold(name: Fold, open: boolean): void;
  /** Unfolds everything, so that a field can be reached. */
  unfold(): void;
}

const key = "zoetrope-folds";
const folded: Folds = { sampling: false, advanced: false };

export const createFoldsSlice: StateCreator<FoldsSlice> = (set, get) => ({
  folds: { ...folded, ...rememberedJson(key, isFolds) },
  setFold: (name, open) => {
    set(({ folds }) => ({ folds: { ...folds, [name]: open } }));
    remember(key, JSON.stringify(get().folds));
  },
  unfold: () => set({ folds: { sampling: true, advanced: true } }),
});

function isFolds(value: unknown): value is Partial<Folds> {
  return typeof value === "object" && value !== null && Object.values(value).every((open) => typeof open === "boolean");
}
