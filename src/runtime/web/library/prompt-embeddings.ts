/** Finds the textual inversions on the shelf whose words occur in a rendering's prompts. */

import type { RenderSettings } from "../../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../../protocol/engine.ts";

/** @returns ids; the tokenizer decides whether one occurs as a word of its own */
export function calledEmbeddings({ prompt, negative, promptAt }: RenderSettings, shelf: readonly ShelfItem[]): string[] {
  const text = [prompt, negative, ...promptAt.map((at) => at.text)].join("\n").toLowerCase();
  const called = ({ kind, triggerWords }: ShelfItem) =>
    kind === "embedding" && triggerWords.some((word) => text.includes(word.toLowerCase()));
  return shelf.filter(called).map(({ id }) => id);
}
