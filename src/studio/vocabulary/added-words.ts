/** Phrases that chosen models add to what the checkpoint knows. */
import { calledIn } from "../../core/prompt/called-loras.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { type Choice, isLora } from "../store/selection.ts";

type Models = Pick<Choice, "shelf" | "checkpoint" | "loraUse">;

/** The trigger words of LoRAs that are on or called by the prompts, those of the checkpoint, and the names of embeddings. */
export function addedWords({ shelf, checkpoint, loraUse }: Models, prompts: readonly string[]): string[] {
  const called = new Set(callsOf(prompts));
  const adds = (item: ShelfItem) =>
    item.id === checkpoint ||
    item.kind === "embedding" ||
    (isLora(item) && (loraUse[item.id]?.enabled === true || called.has(item.name.toLowerCase())));
  return shelf.filter(adds).flatMap(({ triggerWords }) => triggerWords);
}

/** None where a call cannot be read; LoraMentions says so. */
function callsOf(prompts: readonly string[]): string[] {
  try {
    return calledIn(prompts).map(({ name }) => name.toLowerCase());
  } catch {
    return [];
  }
}
