/** The stages of prompts that change while an animation denoises: runs of steps that see the same texts. */

import { changesWithSteps, promptAtStep } from "./prompt-editing.ts";

export interface PromptStages {
  /** Texts of each stage, in the order of the prompts; at least one stage. */
  readonly texts: readonly (readonly string[])[];
  /** The stage of each step. */
  readonly stageOf: readonly number[];
}

/** @param steps at least 1. Alternating words come back to the same stages. */
export function promptStages(prompts: readonly string[], steps: number): PromptStages {
  if (!prompts.some(changesWithSteps)) return { texts: [prompts], stageOf: Array<number>(steps).fill(0) };
  const stages = new Map<string, { readonly index: number; readonly texts: readonly string[] }>();
  const stageOf = Array.from({ length: steps }, (_, step) => {
    const texts = prompts.map((prompt) => promptAtStep(prompt, step, steps));
    const key = JSON.stringify(texts);
    const stage = stages.get(key) ?? { index: stages.size, texts };
    stages.set(key, stage);
    return stage.index;
  });
  return { texts: [...stages.values()].map(({ texts }) => texts), stageOf };
}
