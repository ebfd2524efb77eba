/** What the chosen checkpoint knows, and the dialog that shows it. */
import type { StateCreator } from "zustand/vanilla";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import type { Prompts } from "../../core/vocabulary/unknown-words.ts";
import type { WordList } from "../../core/vocabulary/word-list.ts";

export interface KnownWords {
  readonly checkpoint: string;
  readonly list: WordList;
  /** Address of the sheet of pictures. */
  readonly sheet: string;
  /** Words of prompts that it does not know. `added`: phrases that chosen models bring. */
  readonly unknownIn: (prompts: Prompts, added: readonly string[]) => readonly UnknownPhrase[];
  /** Puts `by` for `word` wherever it stands in a prompt; null: it is nowhere. */
  readonly replaceWord: (text: string, word: string, by: string) => WordReplacement | null;
}

/** The text that replaces a part of another one, and the selection afterwards. */
export interface WordReplacement extends TextRange {
  readonly by: string;
  readonly selected: TextRange;
}

/** A part of the prompt, or the place between two letters. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface VocabularySlice {
  readonly knownWords: KnownWords | null;
  /** The checkpoint whose list could not be fetched, as without a network. */
  readonly wordsAwayFor: string | null;
  /** While the dialog is open: where the next words go. null: it is closed. */
  readonly wordsGoTo: TextRange | null;
  /** Behind the words that were put into the prompt since the dialog opened; null: none were. */
  readonly wordsEnd: TextRange | null;
  setKnownWords(known: KnownWords): void;
  setWordsAwayFor(checkpoint: string): void;
  openWordsAt(place: TextRange): void;
  closeWords(): void;
  setWordsEnd(place: TextRange): void;
}

export const createVocabularySlice: StateCreator<VocabularySlice> = (set) => ({
  knownWords: null,
  wordsAwayFor: null,
  wordsGoTo: null,
  wordsEnd: null,
  setKnownWords: (knownWords) => set({ knownWords, wordsAwayFor: null }),
  setWordsAwayFor: (wordsAwayFor) => set({ wordsAwayFor }),
  openWordsAt: (wordsGoTo) => set({ wordsGoTo, wordsEnd: null }),
  closeWords: () => set({ wordsGoTo: null }),
  setWordsEnd: (wordsEnd) => set({ wordsGoTo: wordsEnd, wordsEnd }),
});
