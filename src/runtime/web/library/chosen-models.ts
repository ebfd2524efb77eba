/** Collects the models that a rendering uses: those that its settings choose and those that its prompts call. */

import type { ModelSelection, RenderRequest, ShelfItem } from "../../../protocol/engine.ts";
import { calledEmbeddings } from "./prompt-embeddings.ts";
import { promptLoras } from "./prompt-loras.ts";

export interface ChosenModels {
  /** The selection, with the LoRAs that the prompts call. */
  readonly selection: ModelSelection;
  /** The ids of the embeddings that the prompts may call. */
  readonly embeddings: readonly string[];
  /** The ids of all models in use. */
  readonly ids: readonly string[];
  readonly notices: readonly string[];
}

export function chosenModels(
  { settings, models, control, moreControls = [], likeness }: RenderRequest,
  shelf: readonly ShelfItem[],
): ChosenModels {
  const { selection, notices } = promptLoras(settings, models, shelf);
  const embeddings = calledEmbeddings(settings, shelf);
  const used = control === undefined ? [] : [control, ...moreControls];
  const controls = used.flatMap(({ model, preprocessor }) =>
    typeof preprocessor === "object" ? [model, preprocessor.id] : [model],
  );
  const adapters = likeness === undefined ? [] : [likeness.model, likeness.encoder];
  return { selection, embeddings, ids: [...selectedIds(selection), ...embeddings, ...controls, ...adapters], notices };
}

export function selectedIds({ checkpoint, motion, vae, loras, motionLoras }: ModelSelection): string[] {
  const parts = [checkpoint, motion, vae].filter((id) => id !== null);
  return [...parts, ...loras.map(({ id }) => id), ...motionLoras.map(({ id }) => id)];
}
