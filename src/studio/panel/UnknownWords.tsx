/** Tells the words that the checkpoint does not know from those it does; one press puts the nearest that it knows. */
import { Fragment } from "react";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import { Hint } from "../controls/Hint.tsx";
import type { WordReplacement } from "../store/vocabulary.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";
import { chosenName } from "../vocabulary/use-unknown-in.ts";
import css from "./panel.module.css";
import { replaceText } from "./replace-text.ts";
import { useUnknownNegative, useUnknownWords } from "./use-unknown-words.ts";

export function UnknownWords() {
  const unknown = useUnknownWords();
  const model = useStudio(chosenName);
  const things = unknown.filter(({ noun }) => noun);
  const others = unknown.filter(({ noun }) => !noun);
  return (
    <p role="status" className={css.unknown}>
      {things.length > 0 && (
        <span>
          {model} cannot draw <Words unknown={things} />.
        </span>
      )}{" "}
      {others.length > 0 && (
        <span>
          Not known: <Words unknown={others} />.
        </span>
      )}
    </p>
  );
}

/** The same of the negative prompt, more quietly: without what stands nearest, because that is seldom what should go. */
export function UnknownNegative() {
  const unknown = useUnknownNegative();
  const model = useStudio(chosenName);
  return (
    <p role="status" className={css.unknown}>
      {unknown.length > 0 && (
        <>
          Not known to {model}, so not kept out: <Words unknown={unknown.map((phrase) => ({ ...phrase, nearest: null }))} />.
        </>
      )}
    </p>
  );
}

function Words({ unknown }: { readonly unknown: readonly UnknownPhrase[] }) {
  return unknown.map(({ text, nearest }, place) => (
    <Fragment key={text}>
      {place > 0 && ", "}
      <em className={css.unknownWord}>{text}</em>
      {nearest !== null && (
        <>
          {unknown.length === 1 ? "; nearest: " : " (nearest: "}
          <Nearest word={text} nearest={nearest} />
          {unknown.length > 1 && ")"}
        </>
      )}
    </Fragment>
  ));
}

function Nearest({ word, nearest }: { readonly word: string; readonly nearest: string }) {
  const store = useStudioStore();
  const put = () => {
    const { prompt, keyframes, setKeyframes, knownWords } = store.getState();
    const replacementIn = (text: string) => knownWords?.replaceWord(text, word, nearest) ?? null;
    const field = document.getElementById("prompt");
    const inPrompt = replacementIn(prompt);
    if (inPrompt !== null && field instanceof HTMLTextAreaElement) replaceText(field, inPrompt);
    if (keyframes.some(({ text }) => replacementIn(text) !== null))
      setKeyframes(keyframes.map((keyframe) => ({ ...keyframe, text: replaced(keyframe.text, replacementIn(keyframe.text)) })));
  };
  return (
    <Hint text={`Puts “${nearest}” for “${word}”.`}>
      <button type="button" className={css.link} aria-label={`${nearest}: put it for ${word}`} onClick={put}>
        {nearest}
      </button>
    </Hint>
  );
}

function replaced(text: string, replacement: WordReplacement | null): string {
  return replacement === null ? text : text.slice(0, replacement.start) + replacement.by + text.slice(replacement.end);
}
