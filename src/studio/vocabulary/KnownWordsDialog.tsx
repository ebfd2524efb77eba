/** What the checkpoint knows, to look through, to search, and to put into the prompt. */
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { createLexicon } from "../../core/vocabulary/lexicon.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { PlainDialog } from "../controls/PlainDialog.tsx";
import { SearchField } from "../controls/SearchField.tsx";
import { useRoving } from "../controls/use-roving.ts";
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
  /** The group or kind that alone is shown; null: all are. */
  const [only, setOnly] = useState<string | null>(null);
  const search = useDeferredValue(typed);
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
  const every = [
    { title: "Motions", phrases: Object.values(list.motions).flat(), phraseOf: asItIs },
    { title: "Places", phrases: Object.values(list.scenes).flat(), phraseOf: asItIs },
    { title: "Backgrounds", phrases: list.walls, phraseOf: wallPhrase },
    { title: "Colours", phrases: Object.keys(list.colors), phraseOf: asItIs },
  ].filter(({ phrases }) => phrases.length > 0);
  const chips = every.map((kind) => ({ ...kind, phrases: foundPhrases(kind.phrases, search) }));
  const all = [...groups.map(({ subjects }) => subjects), ...chips.map(({ phrases }) => phrases)];
  // Kinds without a match stay, so that nothing moves while somebody types.
  const groupNames = useMemo(() => foundSubjects(list, "", null).map(({ name }) => name), [list]);
  const kinds = [...groupNames, ...every.map(({ title }) => title)];
  const matching = [
    ...groups.map(({ name }) => name),
    ...chips.flatMap(({ title, phrases }) => (phrases.length > 0 ? [title] : [])),
  ];
  const roving = useRoving(kinds.length + 1);
  const shown = (kind: string) => only === null || only === kind || !matching.includes(only);
  return (
    <>
      <div className={css.search}>
        <SearchField label="Search words" placeholder="A thing, a motion, a colour" words={typed} onWords={setTyped} />
        <p role="status" className={css.count}>
          {found({ search, all: all.flat().length, near, model })}
        </p>
      </div>
      <fieldset className={css.kinds} aria-label="Kinds" {...roving.list}>
        {[null, ...kinds].map((kind, place) => (
          <button
            key={kind}
            type="button"
            className={css.kind}
            tabIndex={roving.tabIndex(place)}
            data-empty={(kind !== null && !matching.includes(kind)) || undefined}
            aria-pressed={kind === null ? matching.every(shown) : only === kind}
            onClick={() => setOnly(kind)}
          >
            {kind ?? "All"}
          </button>
        ))}
      </fieldset>
      <section className={css.scroll} aria-label="Known words">
        <Subjects known={known} groups={groups.filter(({ name }) => shown(name))} onChoose={insertSubject} />
        {chips.map(
          ({ title, phrases, phraseOf }) =>
            shown(title) && (
              <PhraseChips key={title} title={title} phrases={phrases} onChoose={(phrase) => insert(phraseOf(phrase))} />
            ),
        )}
      </section>
      <p className={css.prompt}>
        <span className={css.promptLabel}>Prompt</span> {prompt}
      </p>
    </>
  );
}

function asItIs(phrase: string): string {
  return phrase;
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
