/** Searches what a checkpoint knows: subjects in their groups, and phrases. */
import type { Lexicon } from "../../core/vocabulary/lexicon.ts";
import type { KnownSubject, WordList } from "../../core/vocabulary/word-list.ts";
import { plainPhrase } from "../../core/vocabulary/words-of-text.ts";

export interface FoundSubject extends KnownSubject {
  /** On the sheet of pictures. */
  readonly place: number;
}

export interface SubjectGroup {
  readonly name: string;
  readonly subjects: readonly FoundSubject[];
}

/**
 * In the list's order of groups; in each those that are drawn best come first. Groups without a match are left out.
 * @param near the subject that stands nearest to what is searched, which counts as a match; null: none does
 */
export function foundSubjects({ subjects }: WordList, search: string, near: string | null): SubjectGroup[] {
  const wanted = plainPhrase(search);
  const groups = new Map<string, FoundSubject[]>();
  for (const [place, subject] of subjects.entries()) {
    const { name, words, synonyms, group } = subject;
    if (name !== near && ![name, ...words, ...synonyms].some((word) => plainPhrase(word).includes(wanted))) continue;
    groups.set(group, [...(groups.get(group) ?? []), { ...subject, place }]);
  }
  return Array.from(groups, ([name, found]) => ({
    name,
    subjects: found.sort((a, b) => Number(b.popular) - Number(a.popular)),
  }));
}

export function foundPhrases(phrases: readonly string[], search: string): string[] {
  const wanted = plainPhrase(search);
  return phrases.filter((phrase) => plainPhrase(phrase).includes(wanted));
}

/** The subject that stands nearest to a searched noun that is unknown; null: it is known, or nothing is near. */
export function nearestTo(lexicon: Lexicon, search: string): string | null {
  const meaning = lexicon.meaning(plainPhrase(search));
  return meaning?.kind === "unknown" ? meaning.nearest : null;
}
