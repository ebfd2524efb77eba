/** The words of the prompts that the chosen checkpoint does not know. */
import { useEffect, useMemo, useState } from "react";
import { createLexicon } from "../../core/vocabulary/lexicon.ts";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import { unknownWords } from "../../core/vocabulary/unknown-words.ts";
import { examplesOf } from "../settings/examples.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { listOf } from "../vocabulary/load-words.ts";
import { addedWords } from "./added-words.ts";

/** A word that is still being typed is not judged. */
const typingPauseMs = 400;

export function useUnknownWords(): readonly UnknownPhrase[] {
  const written = useStudio((state) => state.prompt);
  const keyframes = useStudio((state) => state.keyframes);
  const prompt = usePaused(written);
  const shelf = useStudio((state) => state.shelf);
  const checkpoint = useStudio((state) => state.checkpoint);
  const loraUse = useStudio((state) => state.loraUse);
  const promptSyntax = useStudio((state) => (state.promptSyntax === "plain" ? "plain" : "a1111"));
  const steps = useStudio((state) => Number(state.numbers.steps));
  const known = useStudio((state) => (state.knownWords?.checkpoint === listOf(checkpoint) ? state.knownWords : null));
  useList(prompt, keyframes.length > 0);

  const added = addedWords({ shelf, checkpoint, motion: null, vae: null, loraUse }, [
    prompt,
    ...keyframes.map(({ text }) => text),
  ]);
  const key = added.join("\n");
  const lexicon = useMemo(() => (known === null ? null : createLexicon(known.list, key.split("\n"))), [known, key]);
  return useMemo(() => {
    if (lexicon === null) return [];
    const promptAt = keyframes;
    return unknownWords({ prompt, promptAt, promptSyntax, steps: Number.isInteger(steps) ? steps : 1 }, lexicon);
  }, [lexicon, prompt, keyframes, promptSyntax, steps]);
}

/** Fetches the list once there are words that the page did not bring itself. */
function useList(prompt: string, travels: boolean): void {
  const actions = useActions();
  const checkpoint = useStudio((state) => state.checkpoint);
  const wanted = useStudio((state) => {
    const id = listOf(checkpoint);
    return id !== null && state.knownWords?.checkpoint !== id && state.wordsAwayFor !== id;
  });
  const own = prompt.trim() !== "" && !examplesOf(checkpoint).some((example) => example.prompt === prompt);
  useEffect(() => {
    if (wanted && (own || travels)) void actions.readWords();
  }, [actions, wanted, own, travels]);
}

function usePaused(value: string): string {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), typingPauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}
