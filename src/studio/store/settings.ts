/**
 * What the person has set. Numbers are kept as typed, so that nothing is lost or silently changed while it cannot be used;
 * they are read by `parseNumber`.
 */
import type { StateCreator } from "zustand/vanilla";
import type { NormMode, RenderSettings, SamplerName } from "../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { PrecisionChoice, ScheduleChoice } from "../settings/choices.ts";
import { firstPrompt } from "../settings/examples.ts";
import type { NumberName } from "../settings/number-fields.ts";
import { type Keyframe, keyframesOf } from "./keyframes.ts";

export interface SettingsSlice {
  readonly prompt: string;
  readonly negative: string;
  /** Prompts from later frames on, in order; the first frame's is `prompt`. */
  readonly keyframes: readonly Keyframe[];
  readonly longPrompts: RenderSettings["longPrompts"];
  readonly numbers: Readonly<Record<NumberName, string>>;
  /** "random": a new seed for each animation; "locked": the one in the field. */
  readonly seedMode: "random" | "locked";
  readonly sampler: SamplerName;
  readonly schedule: ScheduleChoice;
  readonly norm: NormMode;
  readonly precision: PrecisionChoice;
  /** How the windows of a long animation are joined. */
  readonly contextMode: RenderSettings["contextMode"];
  /** Has no control; it travels with a restored animation. */
  readonly promptSyntax: RenderSettings["promptSyntax"];
  setPrompt(prompt: string): void;
  setNegative(negative: string): void;
  setKeyframes(keyframes: readonly Keyframe[]): void;
  setNumber(name: NumberName, text: string): void;
  setSeedMode(mode: "random" | "locked"): void;
  choose(
    choice: Partial<
      Pick<SettingsSlice, "sampler" | "schedule" | "norm" | "precision" | "longPrompts" | "contextMode" | "promptSyntax">
    >,
  ): void;
  /** Settings that a chosen model brings along. */
  applySuggested(suggested: ShelfItem["suggested"]): void;
  /** Settings of an earlier animation; the seed is locked to its own. */
  restoreSettings(settings: Partial<RenderSettings>): void;
}

/** An empty variation seed: another one for each animation. An empty context length: as the motion module likes it. */
const noVariation = { variation: "0", variationSeed: "" };

const numberNames = [
  ...(["steps", "cfgScale", "frames", "fps", "width", "height", "seed"] as const),
  ...(["clipSkip", "contextLength", "contextOverlap"] as const),
];

export const createSettingsSlice: StateCreator<SettingsSlice> = (set) => ({
  prompt: firstPrompt,
  negative: "",
  keyframes: [],
  longPrompts: "chunk",
  numbers: {
    ...{ steps: "20", cfgScale: "7.5", frames: "16", fps: "8", width: "128", height: "128", clipSkip: "1" },
    ...{ seed: "", ...noVariation },
    ...{ contextLength: "", contextOverlap: "4" },
  },
  seedMode: "random",
  sampler: "ddim",
  schedule: "automatic",
  norm: "original",
  precision: "automatic",
  contextMode: "window",
  promptSyntax: "a1111",

  setPrompt: (prompt) => set({ prompt }),
  setNegative: (negative) => set({ negative }),
  setKeyframes: (keyframes) => set({ keyframes }),
  setNumber: (name, text) => set(({ numbers }) => ({ numbers: { ...numbers, [name]: text } })),
  setSeedMode: (seedMode) => set({ seedMode }),
  choose: (choice) => set(choice),

  applySuggested: (suggested) =>
    set(({ numbers, sampler }) => ({
      numbers: { ...numbers, ...numbersOf(suggested) },
      sampler: suggested.sampler ?? sampler,
      // The engine knows the schedule of what it loads; an override from before would only be wrong for the new model.
      schedule: "automatic",
    })),

  restoreSettings: (settings) =>
    set((state) => ({
      ...keyframesOf(settings.promptAt ?? [], settings.prompt ?? state.prompt),
      longPrompts: settings.longPrompts ?? state.longPrompts,
      negative: settings.negative ?? state.negative,
      numbers: { ...state.numbers, ...numbersOf(settings), ...variationOf(settings) },
      seedMode: settings.seed === undefined ? state.seedMode : "locked",
      sampler: settings.sampler ?? state.sampler,
      schedule: settings.schedule === undefined ? state.schedule : (settings.schedule ?? "automatic"),
      norm: settings.norm ?? state.norm,
      precision: settings.precision ?? state.precision,
      contextMode: settings.contextMode ?? state.contextMode,
      promptSyntax: settings.promptSyntax ?? state.promptSyntax,
    })),
});

function numbersOf(settings: Partial<RenderSettings>): Partial<Record<NumberName, string>> {
  const texts: Partial<Record<NumberName, string>> = {};
  for (const name of numberNames) {
    const value = settings[name];
    if (value !== undefined) texts[name] = String(value);
  }
  return texts;
}

/** What tells of none had none. */
function variationOf({ variation }: Partial<RenderSettings>): Partial<Record<NumberName, string>> {
  return variation === undefined ? noVariation : { variation: String(variation.strength), variationSeed: String(variation.seed) };
}
