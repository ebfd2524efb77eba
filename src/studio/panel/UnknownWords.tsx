/** Tells the words that the checkpoint does not know from those it does; one press puts the nearest that it knows. */
import { Fragment } from "react";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import { Hint } from "../controls/Hint.tsx";
import { useStudio, useStudioStore } from "../studio-context.tsx";
import css from "./panel.module.css";
import { replaceText } from "./replace-text.ts";
import { useUnknownWords } from "./use-unknown-words.ts";

export function UnknownWords() {
  const unknown = useUnknownWords();
  const model = useStudio(({ shelf, checkpoint }) => shelf.find(({ id }) => id === checkpoint)?.name ?? "Mini");
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
  const put = async () => {
    const { replaceWord, withWord } = await import("./replace-word.ts");
    const { prompt, keyframes, setKeyframes } = store.getState();
    const field = document.getElementById("prompt");
    const replacement = replaceWord(prompt, word, nearest);
    if (replacement !== null && field instanceof HTMLTextAreaElement) replaceText(field, replacement);
    setKeyframes(keyframes.map((keyframe) => ({ ...keyframe, text: withWord(keyframe.text, word, nearest) })));
  };
  return (
    <Hint text={`Puts “${nearest}” for “${word}”.`}>
      <button type="button" className={css.link} aria-label={`${nearest}: put it for ${word}`} onClick={() => void put()}>
        {nearest}
      </button>
    </Hint>
  );
}
