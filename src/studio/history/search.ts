/** Searches earlier animations by words of their prompts, models and seeds. */
import type { HistoryEntry } from "../store/history.ts";

export interface HistoryFilter {
  readonly words: string;
  readonly onlyFavourites: boolean;
}

/** The entries in which every word of the query occurs. */
export function findEntries(history: readonly HistoryEntry[], { words, onlyFavourites }: HistoryFilter): HistoryEntry[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return history.filter((entry) => {
    if (onlyFavourites && !entry.favourite) return false;
    const text = wanted.length === 0 ? "" : textOf(entry);
    return wanted.every((word) => text.includes(word));
  });
}

function textOf({ title, request: { settings }, names }: HistoryEntry): string {
  const loras = names.loras.map(({ name }) => name);
  const travel = settings.promptAt.map(({ text }) => text);
  const parts = [
    title ?? "",
    settings.prompt,
    ...travel,
    settings.negative,
    settings.seed,
    names.checkpoint,
    names.motion ?? "",
    ...loras,
  ];
  return fold(parts.join("\n"));
}

/** Removes case and the accents of Latin letters. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}
