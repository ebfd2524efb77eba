/** What the person has set, in the fields of the schema's settings. */
import type { StateCreator } from "zustand/vanilla";
import type { Lane } from "../../core/animation/lanes.ts";
import { automaticFields, fieldsOf, firstFields, type PickedFields, type SettingFields } from "../../core/settings/fields.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { NumberName } from "../../core/settings/schema.ts";
import type { Keyframe } from "../../core/settings/setting.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { keyframesOf } from "./keyframes.ts";

export interface SettingsSlice extends SettingFields {
  /** "random": a new seed for each animation; "locked": the one in the field. */
  readonly seedMode: "random" | "locked";
  setPrompt(prompt: string): void;
  setNegative(negative: string): void;
  setKeyframes(keyframes: readonly Keyframe[]): void;
  setLanes(lanes: readonly Lane[]): void;
  setNumber(name: NumberName, text: string): void;
  setSeedMode(mode: "random" | "locked"): void;
  choose(choice: Partial<PickedFields>): void;
  /** Settings that a chosen model brings along. */
  applySuggested(suggested: ShelfItem["suggested"]): void;
  /**
   * Settings of an earlier animation. The seed is locked to its own; one that says nothing of a variation had none. Those that
   * `automatic` names are left to the page again.
   */
  restoreSettings(settings: Partial<RenderSettings>, automatic?: readonly string[]): void;
}

const first = firstFields();
const noVariation = { variation: first.numbers.variation, variationSeed: first.numbers.variationSeed };

export const createSettingsSlice: StateCreator<SettingsSlice> = (set) => ({
  ...first,
  seedMode: "random",

  setPrompt: (prompt) => set({ prompt }),
  setNegative: (negative) => set({ negative }),
  setKeyframes: (keyframes) => set({ keyframes }),
  setLanes: (lanes) => set({ lanes }),
  setNumber: (name, text) => set(({ numbers }) => ({ numbers: { ...numbers, [name]: text } })),
  setSeedMode: (seedMode) => set({ seedMode }),
  choose: (choice) => set(choice),

  applySuggested: (suggested) =>
    set(({ numbers, sampler }) => ({
      numbers: { ...numbers, ...fieldsOf(suggested).numbers },
      sampler: suggested.sampler ?? sampler,
      // The engine knows the schedule of the model it loads; an earlier override would only be wrong for the new one.
      schedule: "automatic",
    })),

  restoreSettings: (settings, automatic = []) =>
    set((state) => {
      const { numbers, others } = fieldsOf(settings);
      const left = automaticFields(automatic);
      return {
        ...others,
        ...left.others,
        ...keyframesOf(settings.promptAt ?? [], settings.prompt ?? state.prompt),
        lanes: settings.lanes ?? [],
        numbers: { ...state.numbers, ...noVariation, ...numbers, ...left.numbers },
        seedMode: settings.seed === undefined ? state.seedMode : "locked",
      };
    }),
});
