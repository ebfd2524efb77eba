/** Puts a known word in the place of an unknown one in a prompt as it was typed, syntax and all. */
import { withArticle } from "../../core/vocabulary/english.ts";
import type { WordReplacement } from "../store/vocabulary.ts";

/** Wherever the word stands by itself, outside of `<lora:…>`, with the article that fits. null: it is nowhere in the text. */
export function replaceWord(text: string, word: string, by: string): WordReplacement | null {
  const escaped = word.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const standing = new RegExp(`<[^<>]*>|(\\ban?\\s+)?(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "giu");
  const places = Array.from(text.matchAll(standing)).filter(([found]) => !found.startsWith("<"));
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [start, end] = [first.index, last.index + last[0].length];
  const replaced = text
    .slice(start, end)
    .replace(standing, (found: string, article?: string) =>
      found.startsWith("<") ? found : article === undefined ? by : fitting(article, by),
    );
  const selected = start + fitting(first[1] ?? "", by).length;
  return { start, end, by: replaced, selected: { start: selected, end: selected } };
}

/** "an " before "cat" becomes "a ". */
function fitting(article: string, noun: string): string {
  if (article === "") return noun;
  const said = withArticle(noun);
  return /^[A-Z]/.test(article) ? said[0]!.toUpperCase() + said.slice(1) : said;
}
