/** Says for every word of a text whether a checkpoint knows it. */

import { isAdverb, mayBeNoun } from "./english.ts";
import type { KnownKind, Lexicon, Meaning } from "./lexicon.ts";
import { type Word, wordsOf } from "./words-of-text.ts";

export type ReadPhrase = { readonly text: string; readonly kind: KnownKind; readonly name: string } | UnknownPhrase;

export interface UnknownPhrase {
  readonly text: string;
  readonly kind: "unknown";
  /** Whether it names a thing that should be drawn; else it says how something is or what it does. */
  readonly noun: boolean;
  /** The known subject that stands nearest; of a verb the form that is known. null: none does. */
  readonly nearest: string | null;
}

/** @param text without prompt syntax. The longest phrases that the lexicon has, in order. */
export function readWords(text: string, lexicon: Lexicon): ReadPhrase[] {
  const pieces = matched(text, wordsOf(text), lexicon);
  return pieces.map(({ text, plain, meaning, verb }, at): ReadPhrase => {
    if (meaning !== null && meaning.kind !== "unknown") return { text, ...meaning };
    const nearest = meaning?.nearest ?? null;
    if (nearest !== null) return { text, kind: "unknown", noun: !verb, nearest };
    const noun = mayBeNoun(plain) && !describesNext(pieces, at) && !saysWhatItDoes(pieces, at);
    return { text, kind: "unknown", noun, nearest };
  });
}

interface Piece extends Pick<Word, "text" | "plain" | "begins"> {
  readonly meaning: Meaning | null;
  /** Unknown, and nearest to a motion's word. */
  readonly verb: boolean;
  /** Number of its words. */
  readonly length: number;
}

function matched(text: string, words: readonly Word[], lexicon: Lexicon): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < words.length; at += pieces.at(-1)!.length) {
    const run = words.slice(at, at + lexicon.longest);
    const stop = run.findIndex(({ begins }, i) => i > 0 && begins);
    pieces.push(longestOf(text, stop < 0 ? run : run.slice(0, stop), lexicon));
  }
  return pieces;
}

/** @param run at least one word */
function longestOf(text: string, run: readonly Word[], lexicon: Lexicon): Piece {
  const plain = run.map((word) => word.plain).join(" ");
  const meaning = lexicon.meaning(plain);
  if (meaning === null && run.length > 1) return longestOf(text, run.slice(0, -1), lexicon);
  const [{ begins, start }, { end }] = [run[0]!, run.at(-1)!];
  const verb = meaning?.kind === "unknown" && lexicon.meaning(meaning.nearest)?.kind === "motion";
  return { text: text.slice(start, end), plain, begins, meaning, verb, length: run.length };
}

/** Before a noun of the same phrase a noun only describes it, as in "a rubber duck". */
function describesNext(pieces: readonly Piece[], at: number): boolean {
  const next = pieces[at + 1];
  if (next === undefined || next.begins || next.verb) return false;
  if (next.meaning === null) {
    if (saysWhatItDoes(pieces, at + 1)) return false;
    return mayBeNoun(next.plain) || (!isAdverb(next.plain) && describesNext(pieces, at + 1));
  }
  const { kind } = next.meaning;
  return kind === "subject" || kind === "unknown" || ((kind === "color" || kind === "idle") && describesNext(pieces, at + 1));
}

/** After a subject: "sleeps" in "a cat sleeps". */
function saysWhatItDoes(pieces: readonly Piece[], at: number): boolean {
  const [before, { plain, begins }] = [pieces[at - 1], pieces[at]!];
  return before?.meaning?.kind === "subject" && !begins && /[^s]s$/.test(plain);
}
