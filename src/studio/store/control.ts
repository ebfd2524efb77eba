/** The ControlNet or SparseCtrl, its pictures and its weight. */
import type { StateCreator } from "zustand/vanilla";
import type { ControlPictures } from "../../protocol/engine.ts";

export interface ControlSlice {
  /** Id of a model on the shelf; null: none. */
  readonly controlModel: string | null;
  readonly control: Pick<ControlPictures, "name" | "pictures"> | null;
  /** As typed; 0 to 2. */
  readonly controlWeight: string;
  chooseControlModel(id: string | null): void;
  setControl(control: ControlSlice["control"]): void;
  setControlWeight(weight: string): void;
  /** Restores the control of an earlier animation. */
  restoreControl(control: ControlPictures | null): void;
}

export const createControlSlice: StateCreator<ControlSlice> = (set) => ({
  controlModel: null,
  control: null,
  controlWeight: "1",
  chooseControlModel: (controlModel) => set({ controlModel }),
  setControl: (control) => set({ control }),
  setControlWeight: (controlWeight) => set({ controlWeight }),
  restoreControl: (control) =>
    set(
      control === null
        ? { control, controlModel: null }
        : { control, controlModel: control.model, controlWeight: String(control.weight ?? 1) },
    ),
});
