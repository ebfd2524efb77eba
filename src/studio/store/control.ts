/** Pictures that the whole clip is to follow, how strongly, and the ControlNet or SparseCtrl that sees to it. */
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
  /** What an earlier animation followed. */
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
