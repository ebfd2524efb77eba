/** The settings that are picked from a list, in the words a person reads. */

import type { NormMode, Precision, RenderSettings, SamplerName } from "../../core/settings/render-settings.ts";
import { samplerWords } from "../../media/settings-text.ts";

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

export type ScheduleChoice = NonNullable<RenderSettings["schedule"]> | "automatic";
export type PrecisionChoice = Precision | "automatic";

export const samplerChoices: readonly Choice<SamplerName>[] = Object.entries(samplerWords).map(([value, label]) => ({
  value: value as SamplerName,
  label,
}));

export const scheduleChoices: readonly Choice<ScheduleChoice>[] = [
  { value: "automatic", label: "From the model" },
  { value: "linear", label: "Linear" },
  { value: "scaled_linear", label: "Scaled linear" },
  { value: "sqrt_linear", label: "Square-root linear" },
];

export const normChoices: readonly Choice<NormMode>[] = [
  { value: "original", label: "As AnimateDiff" },
  { value: "diffusers", label: "As diffusers" },
];

export const contextModeChoices: readonly Choice<RenderSettings["contextMode"]>[] = [
  { value: "window", label: "Sliding" },
  { value: "freenoise", label: "FreeNoise" },
];

export const longPromptChoices: readonly Choice<RenderSettings["longPrompts"]>[] = [
  { value: "chunk", label: "Read on in parts" },
  { value: "truncate", label: "Cut off" },
];

export const promptSyntaxChoices: readonly Choice<RenderSettings["promptSyntax"]>[] = [
  { value: "a1111", label: "Weights and LoRAs" },
  { value: "plain", label: "Plain words" },
];

export const precisionChoices: readonly Choice<PrecisionChoice>[] = [
  { value: "automatic", label: "Automatic" },
  { value: "fp32", label: "32-bit" },
  { value: "fp16", label: "16-bit" },
  { value: "q8", label: "8-bit weights" },
  { value: "q4", label: "4-bit weights" },
];
