/** The words of the prompts that the chosen checkpoint does not know. */
import { useEffect, useMemo, useState } from "react";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import type { Prompts } from "../../core/vocabulary/unknown-words.ts";
import { examplesOf } from "../settings/examples.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { listOf } from "../vocabulary/load-words.ts";
import { addedWords } from "./added-words.ts";

/** A word that is still being typed is not judged. */
const typingPauseMs = 400;

export function useUnknownWords(): readonly UnknownPhrase[] {
  const written = useStudio((state) => state.prompt);
  const prompt = usePaused(written);
  const keyframes = usePaused(useStudio((state) => state.keyframes));
  const shelf = useStudio((state) => state.shelf);
  const checkpoint = useStudio((state) => state.checkpoint);
  const loraUse = useStudio((state) => state.loraUse);
  const promptSyntax = useStudio((state) => (state.promptSyntax === "plain" ? "plain" : "a1111"));
  const steps = useStudio((state) => Number(state.numbers.steps));
  const known = useStudio((state) => (state.knownWords?.checkpoint === listOf(checkpoint) ? state.knownWords : null));
  useList(prompt, keyframes.length > 0);

  return useMemo(() => {
    if (known === null) return [];
    const added = addedWords({ shelf, checkpoint, loraUse }, [prompt, ...keyframes.map(({ text }) => text)]);
    const prompts: Prompts = { prompt, promptAt: keyframes, promptSyntax, steps: Number.isInteger(steps) ? steps : 1 };
    return known.unknownIn(prompts, added);
  }, [known, shelf, checkpoint, loraUse, prompt, keyframes, promptSyntax, steps]);
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

function usePaused<Value>(value: Value): Value {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), typingPauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}
