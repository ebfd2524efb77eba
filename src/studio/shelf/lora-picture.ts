/** The picture of a LoRA: the one in its file, or for those that ship with the page a finished example. */
import type { ShelfItem } from "../../protocol/engine.ts";

/** Strips of public/examples/mini, of which the topmost frame is shown. */
const shipped: Readonly<Record<string, string>> = {
  "mini-lora-noto": "noto",
  "mini-lora-flat": "flat",
  "mini-lora-neon": "neon",
  "mini-lora-pencil": "pencil",
  "mini-lora-contrast": "contrast",
};

/** An address; null: it has none. */
export function loraPicture({ id, about }: Pick<ShelfItem, "id" | "about">): string | null {
  if (about?.thumbnail != null) return about.thumbnail;
  return shipped[id] === undefined ? null : `examples/mini/${shipped[id]}.webp`;
}
