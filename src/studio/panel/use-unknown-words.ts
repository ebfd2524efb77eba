/** The words of the prompts, and of the negative prompt, that the chosen checkpoint does not know. */
import { useCallback, useEffect, useMemo, useState } from "react";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import type { Prompts } from "../../core/vocabulary/unknown-words.ts";
import { examplesOf } from "../settings/examples.ts";
import { readsNegative } from "../settings/negative.ts";
import type { Keyframe } from "../store/keyframes.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { listOf } from "../vocabulary/load-words.ts";
import { addedWords } from "./added-words.ts";

/** A word that is still being typed is not judged. */
const typingPauseMs = 400;

export function useUnknownWords(): readonly UnknownPhrase[] {
  const written = useStudio((state) => state.prompt);
  const prompt = usePaused(written);
  const keyframes = usePaused(useStudio((state) => state.keyframes));
  const checkpoint = useStudio((state) => state.checkpoint);
  const own = prompt.trim() !== "" && !examplesOf(checkpoint).some((example) => example.prompt === prompt);
  useList(own || keyframes.length > 0);
  const unknownIn = useUnknownIn({ prompt, keyframes });
  return useMemo(() => unknownIn((syntax) => ({ prompt, promptAt: keyframes, ...syntax })), [unknownIn, prompt, keyframes]);
}

/** None while nothing reads the negative prompt. */
export function useUnknownNegative(): readonly UnknownPhrase[] {
  const written = useStudio((state) => (readsNegative(state) ? state.negative : ""));
  const negative = usePaused(written);
  const prompt = usePaused(useStudio((state) => state.prompt));
  const keyframes = usePaused(useStudio((state) => state.keyframes));
  useList(negative.trim() !== "");
  const unknownIn = useUnknownIn({ prompt, keyframes });
  return useMemo(
    () => (written === "" ? [] : unknownIn((syntax) => ({ prompt: negative, promptAt: [], ...syntax }))),
    [unknownIn, written, negative],
  );
}

type Syntax = Pick<Prompts, "promptSyntax" | "steps">;

/** Looks up what prompts say. LoRAs that these texts call bring their words with them. */
function useUnknownIn({ prompt, keyframes }: { readonly prompt: string; readonly keyframes: readonly Keyframe[] }) {
  const shelf = useStudio((state) => state.shelf);
  const checkpoint = useStudio((state) => state.checkpoint);
  const loraUse = useStudio((state) => state.loraUse);
  const promptSyntax = useStudio((state) => (state.promptSyntax === "plain" ? "plain" : "a1111"));
  const typedSteps = useStudio((state) => Number(state.numbers.steps));
  const known = useStudio((state) => (state.knownWords?.checkpoint === listOf(checkpoint) ? state.knownWords : null));
  const steps = Number.isInteger(typedSteps) ? typedSteps : 1;
  return useCallback(
    (prompts: (syntax: Syntax) => Prompts): readonly UnknownPhrase[] => {
      if (known === null) return [];
      const added = addedWords({ shelf, checkpoint, loraUse }, [prompt, ...keyframes.map(({ text }) => text)]);
      return known.unknownIn(prompts({ promptSyntax, steps }), added);
    },
    [known, shelf, checkpoint, loraUse, promptSyntax, steps, prompt, keyframes],
  );
}

/** Fetches the list once there are words that the page did not bring itself. */
function useList(own: boolean): void {
  const actions = useActions();
  const checkpoint = useStudio((state) => state.checkpoint);
  const wanted = useStudio((state) => {
    const id = listOf(checkpoint);
    return id !== null && state.knownWords?.checkpoint !== id && state.wordsAwayFor !== id;
  });
  useEffect(() => {
    if (wanted && own) void actions.readWords();
  }, [actions, wanted, own]);
}

function usePaused<Value>(value: Value): Value {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), typingPauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}
