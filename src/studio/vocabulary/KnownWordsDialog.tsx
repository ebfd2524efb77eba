/** What the checkpoint knows, to look through, to search, and to put into the prompt. */
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useCallback, useDeferredValue, useId, useMemo, useState } from "react";
import { createLexicon } from "../../core/vocabulary/lexicon.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { PlainDialog } from "../controls/PlainDialog.tsx";
import type { KnownWords } from "../store/vocabulary.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import { insertPhrase, subjectPhrase, wallPhrase } from "./insert-phrase.ts";
import { listOf } from "./load-words.ts";
import { PhraseChips } from "./PhraseChips.tsx";
import { Subjects } from "./Subjects.tsx";
import { foundPhrases, foundSubjects, nearestTo } from "./search-words.ts";
import css from "./vocabulary.module.css";

export function KnownWordsDialog() {
  const open = useStudio((state) => state.wordsGoTo !== null);
  const model = useStudio(({ shelf, checkpoint }) => shelf.find(({ id }) => id === checkpoint)?.name ?? "Mini");
  const known = useStudio(({ knownWords, checkpoint }) => (knownWords?.checkpoint === listOf(checkpoint) ? knownWords : null));
  const away = useStudio((state) => state.wordsAwayFor !== null);
  const { closeWords, promptAfterWords } = useActions();
  return (
    <PlainDialog open={open} onClose={closeWords} className={css.dialog} returnTo={promptAfterWords}>
      <div className={css.top}>
        <Dialog.Title className={dialog.title}>What {model} knows</Dialog.Title>
        <Dialog.Close className={controls.icon} aria-label="Close">
          <X aria-hidden />
        </Dialog.Close>
      </div>
      {known === null ? (
        <p className={dialog.text} role="status">
          {away ? "The list could not be fetched. Check the network, close this and open it again." : "Reading the list."}
        </p>
      ) : (
        <Browser key={known.checkpoint} known={known} model={model} />
      )}
    </PlainDialog>
  );
}

function Browser({ known, model }: { readonly known: KnownWords; readonly model: string }) {
  const store = useStudioStore();
  const prompt = useStudio((state) => state.prompt);
  const { putWords } = useActions();
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed);
  const searchId = useId();
  const { list } = known;
  const lexicon = useMemo(() => createLexicon(list), [list]);
  const near = nearestTo(lexicon, search);
  const groups = useMemo(() => foundSubjects(list, search, near), [list, search, near]);
  const insert = useCallback(
    (phrase: string) => {
      const { prompt, wordsGoTo } = store.getState();
      if (wordsGoTo !== null) putWords(insertPhrase(prompt, wordsGoTo, phrase), phrase);
    },
    [store, putWords],
  );
  const insertSubject = useCallback(
    (name: string) => {
      const { prompt, wordsGoTo } = store.getState();
      insert(subjectPhrase(prompt.slice(0, wordsGoTo?.start), name, list));
    },
    [store, insert, list],
  );
  const phrases = {
    motions: foundPhrases(Object.values(list.motions).flat(), search),
    scenes: foundPhrases(Object.values(list.scenes).flat(), search),
    walls: foundPhrases(list.walls, search),
    colors: foundPhrases(Object.keys(list.colors), search),
  };
  const count = groups.reduce((sum, { subjects }) => sum + subjects.length, 0);
  const all = count + Object.values(phrases).reduce((sum, { length }) => sum + length, 0);
  return (
    <>
      <div className={css.search}>
        <label htmlFor={searchId} className={css.searchLabel}>
          Search
        </label>
        <input
          id={searchId}
          type="search"
          className={css.searchField}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <p role="status" className={css.count}>
          {found({ search, all, near, model })}
        </p>
      </div>
      <section className={css.scroll} aria-label="Known words">
        <Subjects known={known} groups={groups} onChoose={insertSubject} />
        <PhraseChips title="Motions" phrases={phrases.motions} onChoose={insert} />
        <PhraseChips title="Places" phrases={phrases.scenes} onChoose={insert} />
        <PhraseChips title="Backgrounds" phrases={phrases.walls} onChoose={(color) => insert(wallPhrase(color))} />
        <PhraseChips title="Colours of things" phrases={phrases.colors} onChoose={insert} />
      </section>
      <p className={css.prompt}>
        <span className={css.promptLabel}>Prompt</span> {prompt}
      </p>
    </>
  );
}

interface Search {
  readonly search: string;
  readonly all: number;
  readonly near: string | null;
  readonly model: string;
}

function found({ search, all, near, model }: Search): string {
  if (search.trim() === "") return "";
  if (near !== null) return `${model} cannot draw ${search.trim()}; nearest: ${near}.`;
  return all === 0 ? "Not known." : `${all} found.`;
}
