/** Two speeds: drawing in a few steps with a LoRA that has guidance distilled in, or in all steps with guidance. */
import type { ShelfItem } from "../../protocol/engine.ts";
import { type Choice, isLora } from "../store/selection.ts";

/** More guidance than this, on top of the distilled one, burns the colours. */
export const mostGuidance = 2;

/** The LoRA for few steps that came with the chosen checkpoint, if any. */
export function fewStepsLora({ shelf, checkpoint }: Pick<Choice, "shelf" | "checkpoint">): ShelfItem | null {
  return shelf.find((item) => isLora(item) && fits(item.madeFor, checkpoint) && item.suggested.steps !== undefined) ?? null;
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
export function suggestedSampling({
  shelf,
  checkpoint,
  motion,
  loraUse,
}: Pick<Choice, "shelf" | "checkpoint" | "motion" | "loraUse">) {
  const loras = shelf.filter((item) => isLora(item) && loraUse[item.id]?.enabled);
  const sources = [shelf.find(({ id }) => id === checkpoint), shelf.find(({ id }) => id === motion), ...loras];
  const { width, height, frames, loraWeight, ...sampling }: ShelfItem["suggested"] = Object.assign(
    {},
    ...sources.map((item) => item?.suggested),
  );
  return sampling;
}
