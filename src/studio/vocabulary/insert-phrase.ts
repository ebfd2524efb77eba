/** Puts words into a prompt as a person would type them: blanks around, and an article where one belongs. */
import { withArticle } from "../../core/vocabulary/english.ts";
import { plainPhrase } from "../../core/vocabulary/words-of-text.ts";
import type { KnownWords, TextRange } from "../store/vocabulary.ts";

export type Inserted = { readonly text: string; readonly place: TextRange };

/** In place of `range`; if that is a place inside a word, behind the word. `place` is behind what was inserted. */
export function insertPhrase(text: string, range: TextRange, phrase: string): Inserted {
  const { start, end } = behindWord(text, inside(text, range));
  const [before, after] = [text.slice(0, start), text.slice(end)];
  const words = `${/^$|[\s([{|:]$/.test(before) ? "" : " "}${phrase}`;
  const gap = /^$|^[\s,.;:)\]}|]/.test(after) ? "" : " ";
  const cursor = start + words.length;
  return { text: `${before}${words}${gap}${after}`, place: { start: cursor, end: cursor } };
}

/** A subject with its article, unless the words before it want the bare noun: "a", "two", "red", "cute". */
export function subjectPhrase(before: string, name: string, { walls, colors, idle }: KnownWords["list"]): string {
  const last = plainPhrase(/[^,.;|]*$/.exec(before)?.[0] ?? "");
  const describing = [...walls, ...Object.entries(colors).flat(2), ...idle];
  const bare = ["a", "an", "the", "one", "two", "three", "some", "many", "sks", ...describing];
  return bare.some((word) => last === word || last.endsWith(` ${word}`)) ? name : withArticle(name);
}

export function wallPhrase(color: string): string {
  return `on ${withArticle(color)} background`;
}

/** A range that the text has; it may have become shorter. */
function inside(text: string, { start, end }: TextRange): TextRange {
  return { start: Math.min(start, text.length), end: Math.min(end, text.length) };
}

function behindWord(text: string, { start, end }: TextRange): TextRange {
  if (start !== end || !/[\p{L}\p{N}]$/u.test(text.slice(0, start))) return { start, end };
  const rest = /^[\p{L}\p{N}]*/u.exec(text.slice(end))![0].length;
  return { start: start + rest, end: end + rest };
}
