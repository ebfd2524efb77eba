/** The speeds of the page: what each would set, and which one is set. */
import { fieldsOf } from "../../core/settings/fields.ts";
import { FEW_STEPS, SPEEDS, type Speed, type SpeedSettings, speedSettings } from "../../core/settings/speed.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { type Choice, isLora } from "../store/selection.ts";
import type { SettingsSlice } from "../store/settings.ts";
import type { StudioState } from "../store/studio-store.ts";

/** More guidance than this, on top of the distilled one, burns the colours. */
export const mostGuidance = 2;

type InUse = Pick<Choice, "shelf" | "checkpoint" | "motion" | "loraUse">;

/** The LoRA for few steps that came with the chosen checkpoint, if any. */
export function fewStepsLora({ shelf, checkpoint }: Pick<Choice, "shelf" | "checkpoint">): ShelfItem | null {
  return shelf.find((item) => isForSpeed(item) && fits(item.madeFor, checkpoint)) ?? null;
}

/** LoRAs for few steps that come with a checkpoint are what makes it fast: the page offers them as a speed, not as a look. */
export function isForSpeed(item: ShelfItem): boolean {
  return isLora(item) && item.madeFor !== undefined && item.suggested.steps !== undefined;
}

export function fits(madeFor: readonly string[] | undefined, checkpoint: string | null): boolean {
  return checkpoint !== null && madeFor?.includes(checkpoint) === true;
}

/** The few-steps LoRA while it is in use. */
export function fewStepsInUse(choice: Pick<Choice, "shelf" | "checkpoint" | "loraUse">): ShelfItem | null {
  const lora = fewStepsLora(choice);
  return lora !== null && choice.loraUse[lora.id]?.enabled === true ? lora : null;
}

/**
 * Sampling settings that the chosen checkpoint suggests, overridden by the motion module and then by the LoRAs in use; without the size
 * and length of the clip.
 */
export function suggestedSampling({ shelf, checkpoint, motion, loraUse }: InUse) {
  const loras = shelf.filter((item) => isLora(item) && loraUse[item.id]?.enabled);
  const sources = [shelf.find(({ id }) => id === checkpoint), shelf.find(({ id }) => id === motion), ...loras];
  const { width, height, frames, loraWeight, ...sampling }: ShelfItem["suggested"] = Object.assign(
    {},
    ...sources.map((item) => item?.suggested),
  );
  return sampling;
}

export interface SpeedPlan {
  /** The LoRA for few steps, and whether this speed uses it; null where the checkpoint came with none. */
  readonly lora: { readonly item: ShelfItem; readonly enabled: boolean } | null;
  readonly settings: SpeedSettings;
}

/** What a speed means for the chosen models. */
export function planOf(state: InUse, speed: Speed): SpeedPlan {
  const item = fewStepsLora(state);
  if (item === null) return { lora: null, settings: speedSettings(speed, madeForFewSteps(state)) };
  const enabled = speed === "fast";
  return { lora: { item, enabled }, settings: speedSettings(speed, enabled) };
}

/** The speeds to choose from: none where a model for few steps was chosen, which is as fast as it can be. */
export function speedsOf(state: InUse): readonly Speed[] {
  return fewStepsLora(state) === null && madeForFewSteps(state) ? [] : SPEEDS;
}

/** The speed that the settings amount to; null: none of them. */
export function speedOf(state: InUse & Pick<SettingsSlice, "numbers">): Speed | null {
  const inUse = fewStepsInUse(state) !== null;
  const matches = (speed: Speed) => {
    const { lora, settings } = planOf(state, speed);
    const { numbers } = fieldsOf(settings);
    return (
      (lora?.enabled ?? false) === inUse &&
      Object.entries(numbers).every(([name, text]) => same(state.numbers[name as keyof SpeedSettings], text))
    );
  };
  return speedsOf(state).find(matches) ?? null;
}

function same(typed: string, text: string): boolean {
  return Number(typed.replace(",", ".")) === Number(text);
}

/** The speed that nobody has to choose: without a graphics card, few steps where the checkpoint came with a LoRA for them. */
export function usualSpeed(state: Pick<Choice, "shelf" | "checkpoint"> & Pick<StudioState, "device" | "farm">): Speed {
  const onCard = state.device.status !== "ready" || state.device.report.backend !== "wasm" || state.farm.status === "ready";
  return onCard || fewStepsLora(state) === null ? "full" : "fast";
}

/** Whether the models in use suggest few steps. */
export function madeForFewSteps(state: InUse): boolean {
  return (suggestedSampling(state).steps ?? Number.POSITIVE_INFINITY) <= FEW_STEPS;
}
