/** Fetches the list of what a checkpoint knows; it lies beside the checkpoint's files (core/vocabulary/word-list.ts). */
import type { KnownWords } from "../store/vocabulary.ts";

/** The checkpoints that come with the page bring lists. */
const withWords = ["mini", "mini-robot"];

/** @param checkpoint null while the shelf is not known, which becomes Mini. Returns null where it brings no list. */
export function listOf(checkpoint: string | null): string | null {
  const id = checkpoint ?? "mini";
  return withWords.includes(id) ? id : null;
}

/** @throws ZoetropeError `words/unreadable`; any other error if it could not be fetched */
export async function loadWords(checkpoint: string): Promise<KnownWords> {
  const address = new URL(`models/${checkpoint}/words.json`, document.baseURI);
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address.pathname}: HTTP ${response.status}`);
  const [json, { readList }] = await Promise.all([response.json(), import("./read-list.ts")]);
  return readList(checkpoint, json, address);
}
