/** `<lora:…` being typed: which LoRAs of the shelf are meant, and what takes its place. */
import { calledIn } from "../../core/prompt/called-loras.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { isLora } from "../store/selection.ts";

export interface LoraQuery {
  /** Where "<" stands. */
  readonly start: number;
  /** What of the name has been typed. */
  readonly typed: string;
}

/** Where the file or its card suggests none. */
const mentionWeight = 0.8;
const mostOffered = 8;
const begun = /<(?:l(?:o(?:r(?:a(?::([^<>:]*))?)?)?)?)?$/i;

/** null: no mention is being typed at the cursor. */
export function loraQuery(text: string, cursor: number): LoraQuery | null {
  const found = begun.exec(text.slice(0, cursor));
  return found === null ? null : { start: found.index, typed: found[1] ?? "" };
}

/** Names that begin with what was typed before those that only hold it. */
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

/** The LoRAs that prompts call by name, each once, at the weight that was given last; or the sentence that says why one cannot be read. */
export function mentionedLoras(prompts: readonly string[], shelf: readonly ShelfItem[]): readonly MentionedLora[] | string {
  const names = new Set(shelf.filter(isLora).map(({ name }) => name.toLowerCase()));
  try {
    return calledIn(prompts).map((lora) => ({ ...lora, onShelf: names.has(lora.name.toLowerCase()) }));
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
