/** What a dropped picture is for. */
import type { StudioState } from "../store/studio-store.ts";

/** "start": the clip begins with it; "control": it follows it; "likeness": it looks like it. */
export type PictureUse = "start" | "control" | "likeness";

/** What waits for a picture: a chosen control model, then a chosen IP-Adapter, without one. Otherwise the clip begins with it. */
export function expectedUse({ shelf, controls, ipAdapter, likeness }: StudioState): PictureUse {
  const has = (id: string | null) => shelf.some((item) => item.id === id);
  if (controls.some(({ model, pictures }) => has(model) && pictures === null)) return "control";
  return has(ipAdapter) && likeness === null ? "likeness" : "start";
}
