/** Which textual inversions of the shelf a rendering's prompts may call: those that have a word in one of them. */

import type { RenderSettings } from "../../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../../protocol/engine.ts";

/** @returns ids. The tokenizer decides later whether it is a word of its own there. */
export function calledEmbeddings({ prompt, negative, promptAt }: RenderSettings, shelf: readonly ShelfItem[]): string[] {
  const text = [prompt, negative, ...promptAt.map((at) => at.text)].join("\n").toLowerCase();
  const called = ({ kind, triggerWords }: ShelfItem) =>
    kind === "embedding" && triggerWords.some((word) => text.includes(word.toLowerCase()));
  return shelf.filter(called).map(({ id }) => id);
}
