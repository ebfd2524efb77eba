/**
 * The list of what a checkpoint knows, `words.json` beside its files (training/words.py writes it): subjects with their names, motions,
 * scenes and colours as its captions say them, and the known subject that stands nearest to an unknown noun.
 */

import { ZoetropeError } from "../errors.ts";

export const WORD_LIST_FILE = "words.json";

export interface KnownSubject {
  readonly name: string;
  /** Further everyday names; like `name`, the checkpoint knows their plurals too. */
  readonly words: readonly string[];
  /** Names that it has seen more rarely, and only as they stand here. */
  readonly synonyms: readonly string[];
  /** What it does of its own: "swimming". */
  readonly does: readonly string[];
  readonly group: string;
  /** Drawn best. */
  readonly popular: boolean;
  /** Moves by itself. */
  readonly moves: boolean;
}

export interface WordList {
  /** The sheet of pictures, a square of `size` pixels for each subject in their order, row by row; seen from the list. */
  readonly thumbnails: { readonly file: string; readonly size: number; readonly columns: number };
  readonly subjects: readonly KnownSubject[];
  /** Phrases by what they mean: "bounce" -> "bouncing", "hopping". */
  readonly motions: Phrases;
  readonly scenes: Phrases;
  /** Colours of plain backgrounds. */
  readonly walls: readonly string[];
  /** Colours of subjects, with other words for each; empty where prompts do not choose them. */
  readonly colors: Phrases;
  /** Adjectives that change nothing. */
  readonly idle: readonly string[];
  /** Unknown noun -> known subject. */
  readonly nearest: Readonly<Record<string, string>>;
}

export type Phrases = Readonly<Record<string, readonly string[]>>;

type Json = Readonly<Record<string, unknown>>;

/** @throws ZoetropeError `words/unreadable`, which names what is missing */
export function parseWordList(json: unknown): WordList {
  const list = objectOf(json, "the list");
  if (list.version !== 1)
    throw unreadable(`its version is ${JSON.stringify(list.version)}, and this version of Zoetrope reads 1`);
  const thumbnails = objectOf(list.thumbnails, "thumbnails");
  if (!Array.isArray(list.subjects)) throw unreadable("it has no subjects");
  return {
    thumbnails: {
      file: textOf(thumbnails.file, "thumbnails.file"),
      size: countOf(thumbnails.size, "thumbnails.size"),
      columns: countOf(thumbnails.columns, "thumbnails.columns"),
    },
    subjects: list.subjects.map((each: unknown): KnownSubject => {
      const subject = objectOf(each, "a subject");
      const name = textOf(subject.name, "the name of a subject");
      return {
        name,
        words: textsOf(subject.words, `words of ${name}`),
        synonyms: textsOf(subject.synonyms, `synonyms of ${name}`),
        does: textsOf(subject.does, `does of ${name}`),
        group: textOf(subject.group, `group of ${name}`),
        popular: subject.popular === true,
        moves: subject.moves === true,
      };
    }),
    motions: phrasesOf(list.motions, "motions"),
    scenes: phrasesOf(list.scenes, "scenes"),
    walls: textsOf(list.walls, "walls"),
    colors: list.colors === undefined ? {} : phrasesOf(list.colors, "colors"),
    idle: textsOf(list.idle, "idle"),
    nearest: Object.fromEntries(
      Object.entries(objectOf(list.nearest, "nearest")).map(([noun, name]) => [noun, textOf(name, `nearest of ${noun}`)]),
    ),
  };
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable(`${what} should be an object`);
  return value as Json;
}

function textOf(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "") throw unreadable(`${what} should be a text`);
  return value;
}

function countOf(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) throw unreadable(`${what} should be a whole number`);
  return value;
}

function textsOf(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw unreadable(`${what} should be a list`);
  return value.map((text: unknown) => textOf(text, what));
}

function phrasesOf(value: unknown, what: string): Phrases {
  const entries = Object.entries(objectOf(value, what));
  return Object.fromEntries(entries.map(([name, phrases]) => [name, textsOf(phrases, `${what}.${name}`)]));
}

function unreadable(why: string): ZoetropeError {
  return new ZoetropeError("words/unreadable", {
    message: `The checkpoint's ${WORD_LIST_FILE} cannot be read: ${why}.`,
    hint: "Write it anew with python -m training words, or take it away; animations do not need it.",
  });
}
