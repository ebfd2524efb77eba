/** A word list made ready for looking up phrases. */

import { isFunctionWord, isPlural, mayBeNoun, otherNumbers, participles, plural } from "./english.ts";
import type { WordList } from "./word-list.ts";
import { plainPhrase } from "./words-of-text.ts";

export type KnownKind = "subject" | "motion" | "scene" | "color" | "idle" | "added" | "function";

/** What a phrase is to the checkpoint. `name`: the subject, motion, scene or colour that it stands for. */
export type Meaning =
  | { readonly kind: KnownKind; readonly name: string }
  /** `nearest`: a subject, or a motion's word for a verb in another form. */
  | { readonly kind: "unknown"; readonly nearest: string };

export interface Lexicon {
  /** Words of the longest phrase. */
  readonly longest: number;
  /** null: nothing is known of the phrase, plain as `plainPhrase` makes it. */
  meaning(phrase: string): Meaning | null;
}

/** @param added phrases that chosen models bring: trigger words of LoRAs, names of embeddings */
export function createLexicon(list: WordList, added: readonly string[] = []): Lexicon {
  const known = new Map<string, Meaning>();
  let longest = 1;
  /** What was learned first stays. */
  const learn = (phrase: string, meaning: Meaning) => {
    const plain = plainPhrase(phrase);
    if (plain === "" || known.has(plain)) return;
    known.set(plain, meaning);
    longest = Math.max(longest, plain.split(" ").length);
  };
  const learnAll = (phrases: readonly string[], meaning: Meaning) => {
    for (const phrase of phrases) learn(phrase, meaning);
  };

  for (const { name, words, synonyms } of list.subjects) learnAll([name, ...words, ...synonyms], { kind: "subject", name });
  for (const { name, words } of list.subjects) learnAll([name, ...words].map(plural), { kind: "subject", name });
  learnAll(added, { kind: "added", name: "" });
  for (const name of list.walls) learnAll([name, ...greys(name)], { kind: "color", name });
  for (const [name, others] of Object.entries(list.colors)) learnAll([name, ...greys(name), ...others], { kind: "color", name });
  const motions = [...Object.entries(list.motions), ...list.subjects.map(({ name, does }) => [name, does] as const)];
  for (const [name, phrases] of motions) learnAll(phrases, { kind: "motion", name });
  for (const [name, phrases] of Object.entries(list.scenes)) learnAll(phrases, { kind: "scene", name });
  learnAll(list.idle, { kind: "idle", name: "" });
  // Captions join their phrases in many ways, so that each word of them is known by itself, too.
  for (const [name, phrases] of motions) learnAll(singleWords(phrases), { kind: "motion", name });
  for (const [name, phrases] of Object.entries(list.scenes)) learnAll(singleWords(phrases), { kind: "scene", name });
  learnAll(singleWords([...list.idle, ...added]), { kind: "idle", name: "" });
  const nouns = [...known].flatMap(([phrase, { kind }]) => (kind === "subject" && !phrase.includes(" ") ? [phrase] : []));
  const names = new Set(list.subjects.map(({ name }) => name));
  for (const [noun, name] of Object.entries(list.nearest)) if (names.has(name)) learn(noun, { kind: "unknown", nearest: name });

  const subjectOf = (phrase: string): string | null => {
    const found = known.get(phrase);
    return found?.kind === "subject" ? found.name : found?.kind === "unknown" ? found.nearest : null;
  };
  const nearest = (phrase: string): string | null => {
    for (const other of otherNumbers(phrase)) {
      const found = subjectOf(other);
      if (found !== null) return isPlural(phrase) ? plural(found) : found;
    }
    if (phrase.includes(" ")) return null;
    return participles(phrase).find((verb) => known.get(verb)?.kind === "motion") ?? compoundOf(phrase, nouns, subjectOf);
  };

  return {
    longest,
    meaning: (phrase) => {
      const found = known.get(phrase);
      if (found !== undefined) return found;
      if (isFunctionWord(phrase)) return { kind: "function", name: "" };
      const close = nearest(phrase);
      return close === null ? null : { kind: "unknown", nearest: close };
    },
  };
}

const LEAST_LETTERS = 4;
const LEAST_BEFORE = 3;

/** The subject that a compound written as one word ends in: "football" -> ball. Short endings would find an ant in an elephant. */
function compoundOf(word: string, nouns: readonly string[], subjectOf: (noun: string) => string | null): string | null {
  if (!mayBeNoun(word)) return null;
  const endings = nouns.filter(
    (noun) => noun.length >= LEAST_LETTERS && word.length - noun.length >= LEAST_BEFORE && word.endsWith(noun),
  );
  const longest = endings.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? null : subjectOf(longest);
}

function singleWords(phrases: readonly string[]): string[] {
  return phrases.flatMap((phrase) => plainPhrase(phrase).split(" ")).filter((word) => !isFunctionWord(word));
}

/** Captions write it either way. */
function greys(color: string): string[] {
  return color === "gray" ? ["grey"] : [];
}
