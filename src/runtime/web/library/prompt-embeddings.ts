/** Which textual inversions of the shelf a rendering's prompts may call: those whose name stands in one of them. */

import type { RenderSettings } from "../../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../../protocol/engine.ts";

/** @returns ids. Whether the name stands there as a word of its own is for the tokenizer to say. */
export function calledEmbeddings({ prompt, negative, promptAt }: RenderSettings, shelf: readonly ShelfItem[]): string[] {
  const text = [prompt, negative, ...promptAt.map((at) => at.text)].join("\n").toLowerCase();
  return shelf.filter(({ kind, name }) => kind === "embedding" && text.includes(name.toLowerCase())).map(({ id }) => id);
}
