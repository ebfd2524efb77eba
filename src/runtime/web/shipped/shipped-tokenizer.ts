/** Reads the tokenizer's vocabulary, which ships with the page. */

import { type ClipTokenizer, createClipTokenizer } from "../../../core/prompt/tokenizer.ts";
import { gunzip, isGzip } from "../../../formats/gzip.ts";
import type { ShippedFiles } from "./shipped-files.ts";

export const VOCABULARY = "tokenizer/bpe_simple_vocab_16e6.txt.gz";

export async function shippedTokenizer(shipped: ShippedFiles): Promise<ClipTokenizer> {
  const stored = await shipped.read(VOCABULARY);
  return createClipTokenizer(new TextDecoder().decode(isGzip(stored) ? await gunzip(stored, VOCABULARY) : stored));
}
