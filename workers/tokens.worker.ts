/** Counts prompts' tokens beside the engine, so that the count follows the typing while the engine computes. */

import { expose } from "comlink";
import { tokenizePrompt } from "../src/core/prompt/chunks.ts";
import type { ClipTokenizer } from "../src/core/prompt/tokenizer.ts";
import type { CountedWord, TokenCount } from "../src/protocol/tokens.ts";
import { ShippedFiles } from "../src/runtime/web/shipped/shipped-files.ts";
import { shippedTokenizer } from "../src/runtime/web/shipped/shipped-tokenizer.ts";

const base = new URL(import.meta.env.BASE_URL, new URL("../", self.location.href)).href;
let tokenizer: Promise<ClipTokenizer> | null = null;

const api = {
  /** Rejects when the vocabulary cannot be fetched, or the prompt names a LoRA with a weight that is none. */
  async count(prompt: string, words: readonly CountedWord[]): Promise<TokenCount> {
    tokenizer ??= shippedTokenizer(new ShippedFiles(base));
    tokenizer.catch(() => {
      tokenizer = null;
    });
    const embeddings = words.map(({ name, tokens }) => ({ name, vectors: new Array(tokens).fill(new Float32Array()) }));
    const options = { syntax: "a1111", longPrompts: "chunk", embeddings } as const;
    const { tokenCount, chunks } = tokenizePrompt(await tokenizer, prompt, options);
    return { tokens: tokenCount, chunks: chunks.length };
  },
};

export type TokensWorker = typeof api;

expose(api);
