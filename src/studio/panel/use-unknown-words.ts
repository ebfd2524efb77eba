/** The words of the prompts, and of the negative prompt, that the chosen checkpoint does not know. */
import { useEffect, useMemo, useState } from "react";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import { examplesOf } from "../settings/examples.ts";
import { readsNegative } from "../settings/negative.ts";
import { useStudio } from "../studio-context.tsx";
import { useUnknownIn, useWordList } from "../vocabulary/use-unknown-in.ts";

/** A word that is still being typed is not judged. */
const typingPauseMs = 400;

export function useUnknownWords(): readonly UnknownPhrase[] {
  const prompt = usePaused(useStudio((state) => state.prompt));
  const keyframes = usePaused(useStudio((state) => state.keyframes));
  const checkpoint = useStudio((state) => state.checkpoint);
  // Words that the page brought itself do not need the list.
  const own = prompt.trim() !== "" && !examplesOf(checkpoint).some((example) => example.prompt === prompt);
  useWordList(own || keyframes.length > 0);
  const unknownIn = useUnknownIn({ prompt, keyframes });
  return useMemo(() => unknownIn((syntax) => ({ prompt, promptAt: keyframes, ...syntax })), [unknownIn, prompt, keyframes]);
}

/** None while nothing reads the negative prompt. */
export function useUnknownNegative(): readonly UnknownPhrase[] {
  const read = useStudio((state) => (readsNegative(state) ? state.negative : ""));
  const negative = usePaused(read);
  const prompt = usePaused(useStudio((state) => state.prompt));
  const keyframes = usePaused(useStudio((state) => state.keyframes));
  useWordList(negative.trim() !== "");
  const unknownIn = useUnknownIn({ prompt, keyframes });
  return useMemo(
    () => (read === "" ? [] : unknownIn((syntax) => ({ prompt: negative, promptAt: [], ...syntax }))),
    [unknownIn, read, negative],
  );
}

function usePaused<Value>(value: Value): Value {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), typingPauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}
