/** Looks up prompts in the chosen checkpoint's list of words, and fetches it. */
import { useCallback, useEffect } from "react";
import type { UnknownPhrase } from "../../core/vocabulary/read-words.ts";
import type { Prompts } from "../../core/vocabulary/unknown-words.ts";
import type { Keyframe } from "../store/keyframes.ts";
import type { StudioState } from "../store/studio-store.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { addedWords } from "./added-words.ts";
import { listOf } from "./load-words.ts";

type Syntax = Pick<Prompts, "promptSyntax" | "steps">;

/** The texts whose calls of LoRAs bring words. */
interface Called {
  readonly prompt: string;
  readonly keyframes: readonly Keyframe[];
}

/** The function finds nothing where there is no list. */
export function useUnknownIn({ prompt, keyframes }: Called) {
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

/** Fetches the list, where there is one, as soon as it is needed. */
export function useWordList(needed: boolean): void {
  const actions = useActions();
  const wanted = useStudio((state) => {
    const id = listOf(state.checkpoint);
    return id !== null && state.knownWords?.checkpoint !== id && state.wordsAwayFor !== id;
  });
  useEffect(() => {
    if (wanted && needed) void actions.readWords();
  }, [actions, wanted, needed]);
}

/** The checkpoint's name in sentences about its words. */
export function chosenName({ shelf, checkpoint }: Pick<StudioState, "shelf" | "checkpoint">): string {
  return shelf.find(({ id }) => id === checkpoint)?.name ?? "Mini";
}
