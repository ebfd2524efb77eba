/** What the browser remembers about the catalogue: whether it is hidden, and which models came from it. */
import type { FetchedIds } from "./plan.ts";

const hiddenKey = "zoetrope-catalogue-hidden";
const fetchedKey = "zoetrope-catalogue-fetched";

export function rememberedHidden(): boolean {
  return read(hiddenKey) === "yes";
}

export function rememberHidden(hidden: boolean): void {
  write(hiddenKey, hidden ? "yes" : null);
}

export function rememberedIds(): FetchedIds {
  try {
    return JSON.parse(read(fetchedKey) ?? "{}") as FetchedIds;
  } catch {
    return {};
  }
}

export function rememberId(address: string, id: string): void {
  write(fetchedKey, JSON.stringify({ ...rememberedIds(), [address]: id }));
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // Private windows may refuse storage; it then lasts until the page is closed.
  }
}
