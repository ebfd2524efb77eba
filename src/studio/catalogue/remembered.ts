/** What the browser remembers about the catalogue: whether it is hidden, and which models came from it. */
import { remember, remembered } from "../store/remembered.ts";
import type { FetchedIds } from "./plan.ts";

const hiddenKey = "zoetrope-catalogue-hidden";
const fetchedKey = "zoetrope-catalogue-fetched";

export function rememberedHidden(): boolean {
  return remembered(hiddenKey) === "yes";
}

export function rememberHidden(hidden: boolean): void {
  remember(hiddenKey, hidden ? "yes" : null);
}

export function rememberedIds(): FetchedIds {
  try {
    return JSON.parse(remembered(fetchedKey) ?? "{}") as FetchedIds;
  } catch {
    return {};
  }
}

export function rememberId(address: string, id: string): void {
  remember(fetchedKey, JSON.stringify({ ...rememberedIds(), [address]: id }));
}
