/** The ControlNets and SparseCtrls, each with its pictures and how it follows them. */
import type { StateCreator } from "zustand/vanilla";
import type { Preprocessor } from "../../core/preprocess/preprocessor-names.ts";
import type { ControlPictures, PreprocessorModel } from "../../protocol/engine.ts";

/** One control as its fields show it; numbers as typed. */
export interface ControlUse {
  /** Id of a model on the shelf; null: none. */
  readonly model: string | null;
  readonly pictures: Pick<ControlPictures, "name" | "pictures"> | null;
  /** 0 to 2. */
  readonly weight: string;
  /** Shares of the steps, 0 to 1. */
  readonly start: string;
  readonly end: string;
  readonly preprocessor: Preprocessor | PreprocessorModel;
}

export const unusedControl: ControlUse = {
  model: null,
  pictures: null,
  weight: "1",
  start: "0",
  end: "1",
  preprocessor: "none",
};

export interface ControlSlice {
  /** At least one, which may be unused. */
  readonly controls: readonly ControlUse[];
  setControl(index: number, change: Partial<ControlUse>): void;
  addControl(): void;
  /** The first one stays, unused. */
  removeControl(index: number): void;
  /** Restores the controls of an earlier animation. */
  restoreControls(controls: readonly ControlPictures[]): void;
}

export const createControlSlice: StateCreator<ControlSlice> = (set) => ({
  controls: [unusedControl],
  setControl: (index, change) => set(({ controls }) => ({ controls: controls.with(index, { ...controls[index]!, ...change }) })),
  addControl: () => set(({ controls }) => ({ controls: [...controls, unusedControl] })),
  removeControl: (index) => set(({ controls }) => ({ controls: atLeastOne(controls.toSpliced(index, 1)) })),
  restoreControls: (restored) => set({ controls: atLeastOne(restored.map(useOf)) }),
});

function atLeastOne(controls: readonly ControlUse[]): readonly ControlUse[] {
  return controls.length === 0 ? [unusedControl] : controls;
}

function useOf({ model, name, pictures, weight = 1, start = 0, end = 1, preprocessor = "none" }: ControlPictures): ControlUse {
  return {
    model,
    pictures: { name, pictures },
    weight: String(weight),
    start: String(start),
    end: String(end),
    preprocessor,
  };
}
