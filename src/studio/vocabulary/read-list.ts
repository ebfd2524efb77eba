/** Makes a checkpoint's list ready for the page. This program is fetched with the first list, so that a first visit does not wait for it. */
import { createLexicon, type Lexicon } from "../../core/vocabulary/lexicon.ts";
import { unknownWords } from "../../core/vocabulary/unknown-words.ts";
import { parseWordList } from "../../core/vocabulary/word-list.ts";
import type { KnownWords } from "../store/vocabulary.ts";
import { replaceWord } from "./replace-word.ts";

/** @throws ZoetropeError `words/unreadable` */
export function readList(checkpoint: string, json: unknown, address: URL): KnownWords {
  const list = parseWordList(json);
  let made: { readonly added: string; readonly lexicon: Lexicon } | null = null;
  /** The lexicon is made anew only when other models are chosen. */
  const lexiconWith = (words: readonly string[]): Lexicon => {
    const added = words.join("\n");
    if (made?.added !== added) made = { added, lexicon: createLexicon(list, words) };
    return made.lexicon;
  };
  return {
    checkpoint,
    list,
    sheet: new URL(list.thumbnails.file, address).href,
    replaceWord,
    unknownIn: (prompts, added) => unknownWords(prompts, lexiconWith(added)),
  };
}
