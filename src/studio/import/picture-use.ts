/** What a dropped picture is for. */
import type { HeldPlace } from "../../protocol/engine.ts";
import type { StudioState } from "../store/studio-store.ts";

/** "start": the clip begins with it; "first", "last": it is that frame; "control": the clip follows it; "likeness": it looks like it. */
export type PictureUse = "start" | HeldPlace | "control" | "likeness";

/** What waits for a picture: a chosen control model, then a chosen IP-Adapter, without one. Otherwise the clip begins with it. */
export function expectedUse({ shelf, controls, ipAdapter, likeness }: StudioState): PictureUse {
  const has = (id: string | null) => shelf.some((item) => item.id === id);
  if (controls.some(({ model, pictures }) => has(model) && pictures === null)) return "control";
  return has(ipAdapter) && likeness === null ? "likeness" : "start";
}
