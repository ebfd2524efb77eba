/** Pictures that the whole clip is to follow, and the ControlNet or SparseCtrl that sees to it. */
import type { StateCreator } from "zustand/vanilla";
import type { ControlPictures } from "../../protocol/engine.ts";

export interface ControlSlice {
  /** Id of a model on the shelf; null: none. */
  readonly controlModel: string | null;
  readonly control: Pick<ControlPictures, "name" | "pictures"> | null;
  chooseControlModel(id: string | null): void;
  setControl(control: ControlSlice["control"]): void;
  /** What an earlier animation followed. */
  restoreControl(control: ControlPictures | null): void;
}

export const createControlSlice: StateCreator<ControlSlice> = (set) => ({
  controlModel: null,
  control: null,
  chooseControlModel: (controlModel) => set({ controlModel }),
  setControl: (control) => set({ control }),
  restoreControl: (control) => set({ control, controlModel: control?.model ?? null }),
});
