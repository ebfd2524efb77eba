/** Reference numbers of torch and diffusers for tests; `make_fixtures.py` beside this file makes them. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const bytes = readFileSync(new URL("./fixtures/numbers.bin", import.meta.url));
const index: Record<string, [offset: number, length: number]> = readJson("./fixtures/numbers.json");

/** A reference array by name. */
export function numbers(name: string): Float32Array {
  const entry = index[name];
  if (!entry) throw new Error(`no reference array ${name}`);
  const [offset, length] = entry;
  return Float32Array.from({ length }, (_, i) => bytes.readFloatLE(4 * (offset + i)));
}

/** Token ids, without begin and end, that transformers' CLIP tokenizer gives. */
export const referenceTokens: readonly { text: string; ids: number[] }[] = readJson("./fixtures/tokens.json");

/** The text of the CLIP vocabulary. */
export function clipVocabulary(): string {
  const file = new URL("../../../public/tokenizer/bpe_simple_vocab_16e6.txt.gz", import.meta.url);
  return gunzipSync(readFileSync(file)).toString("utf8");
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}
