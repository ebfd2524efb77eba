/** Completes a LoRA's mention (`<lora:…`) while it is typed. */
import { calledIn } from "../../core/prompt/called-loras.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { isLora } from "../store/selection.ts";

export interface LoraQuery {
  /** The index of "<". */
  readonly start: number;
  /** The typed part of the name. */
  readonly typed: string;
}

/** The weight of a LoRA without a suggested one. */
const mentionWeight = 0.8;
const mostOffered = 8;
const begun = /<(?:l(?:o(?:r(?:a(?::([^<>:]*))?)?)?)?)?$/i;

/** null: no mention is being typed at the cursor. */
export function loraQuery(text: string, cursor: number): LoraQuery | null {
  const found = begun.exec(text.slice(0, cursor));
  return found === null ? null : { start: found.index, typed: found[1] ?? "" };
}

/** First the names that begin with the typed text, then those that contain it. */
export function offeredLoras(shelf: readonly ShelfItem[], { typed }: LoraQuery): ShelfItem[] {
  const wanted = typed.trim().toLowerCase();
  const place = ({ name }: ShelfItem) => name.toLowerCase().indexOf(wanted);
  return shelf
    .filter((item) => isLora(item) && place(item) >= 0)
    .sort((a, b) => Number(place(a) > 0) - Number(place(b) > 0))
    .slice(0, mostOffered);
}

export function loraMention({ name, suggested }: Pick<ShelfItem, "name" | "suggested">): string {
  return `<lora:${name}:${suggested.loraWeight ?? mentionWeight}>`;
}

export interface MentionedLora {
  readonly name: string;
  readonly weight: number;
  readonly onShelf: boolean;
}

/** The LoRAs that prompts call, each once at its last weight; or the message about a mention that cannot be read. */
export function mentionedLoras(prompts: readonly string[], shelf: readonly ShelfItem[]): readonly MentionedLora[] | string {
  const names = new Set(shelf.filter(isLora).map(({ name }) => name.toLowerCase()));
  try {
    return calledIn(prompts).map((lora) => ({ ...lora, onShelf: names.has(lora.name.toLowerCase()) }));
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
