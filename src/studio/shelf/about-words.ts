/** Describes a model in one line. */

import { bytesWords } from "../../core/amounts.ts";
import type { ShelfItem } from "../../protocol/engine.ts";

/** "Soft light, by A. N. Other: LoRA, rank 8, 192 layers, 24.8 MB" */
export function aboutWords({ name, summary, bytes, about }: ShelfItem): string {
  const author = about?.author == null ? "" : `, by ${about.author}`;
  return `${about?.title ?? name}${author}: ${summary}${bytes > 0 ? `, ${bytesWords(bytes)}` : ""}`;
}
