/** Finds the textual inversions on the shelf whose names occur in a rendering's prompts. */

import type { RenderSettings } from "../../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../../protocol/engine.ts";

/** @returns ids; the tokenizer decides whether a name occurs as a word */
export function calledEmbeddings({ prompt, negative, promptAt }: RenderSettings, shelf: readonly ShelfItem[]): string[] {
  const text = [prompt, negative, ...promptAt.map((at) => at.text)].join("\n").toLowerCase();
  return shelf.filter(({ kind, name }) => kind === "embedding" && text.includes(name.toLowerCase())).map(({ id }) => id);
}
