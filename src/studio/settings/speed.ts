/** Drawing in a few steps by a LoRA that has guidance distilled in, or in all of them with guidance. */
import type { ShelfItem } from "../../protocol/engine.ts";
import { type Choice, isLora } from "../store/selection.ts";

/** Guidance on top of what is distilled in burns the colours from here on. */
export const mostGuidance = 2;

/** The LoRA that draws the chosen checkpoint in few steps, where one came with it. */
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

/** What the chosen checkpoint suggests and then the LoRAs in use, less the shape of the clip. */
export function suggestedSampling({ shelf, checkpoint, loraUse }: Pick<Choice, "shelf" | "checkpoint" | "loraUse">) {
  const loras = shelf.filter((item) => isLora(item) && loraUse[item.id]?.enabled);
  const sources = [shelf.find(({ id }) => id === checkpoint), ...loras];
  const { width, height, frames, loraWeight, ...sampling }: ShelfItem["suggested"] = Object.assign(
    {},
    ...sources.map((item) => item?.suggested),
  );
  return sampling;
}
