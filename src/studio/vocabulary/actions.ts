/** The actions of the words that a checkpoint knows. */
import { ZoetropeError } from "../../core/errors.ts";
import type { StudioStore } from "../store/studio-store.ts";
import type { TextRange } from "../store/vocabulary.ts";
import type { Inserted } from "./insert-phrase.ts";
import { listOf, loadWords } from "./load-words.ts";

export function vocabularyActions(store: StudioStore) {
  /** Fetches the chosen checkpoint's list, unless it is here. */
  async function readWords(): Promise<void> {
    const id = listOf(store.getState().checkpoint);
    if (id === null || store.getState().knownWords?.checkpoint === id) return;
    const known = await loadWords(id).catch((thrown: unknown) => {
      if (thrown instanceof ZoetropeError) store.getState().tell("error", thrown);
      return null;
    });
    const { checkpoint, setKnownWords, setWordsAwayFor } = store.getState();
    if (listOf(checkpoint) !== id) return;
    if (known === null) setWordsAwayFor(id);
    else setKnownWords(known);
  }

  return {
    readWords,

    /** @param place the selection in the prompt; null: its end */
    openWords(place: TextRange | null): void {
      const { prompt, openWordsAt } = store.getState();
      openWordsAt(place ?? { start: prompt.length, end: prompt.length });
      void readWords();
    },

    /** The prompt with a phrase put into it (insert-phrase.ts); the next one goes behind it. */
    putWords({ text, place }: Inserted, phrase: string): void {
      const { setPrompt, setWordsEnd, announce } = store.getState();
      setPrompt(text);
      setWordsEnd(place);
      announce(`${phrase}: in the prompt`);
    },

    closeWords: () => store.getState().closeWords(),

    /** The prompt with the cursor behind what was put into it; null: nothing was. */
    promptAfterWords(): HTMLElement | null {
      const { wordsEnd } = store.getState();
      const field = document.getElementById("prompt");
      if (wordsEnd === null || !(field instanceof HTMLTextAreaElement)) return null;
      field.setSelectionRange(wordsEnd.start, wordsEnd.end);
      return field;
    },
  };
}
