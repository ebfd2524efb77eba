/** The tokens worker: counts the tokens of prompts, so that the count follows the typing while the engine computes. */

import { expose } from "../src/bridge/comlink.ts";
import { tokenizePrompt } from "../src/core/prompt/chunks.ts";
import type { ClipTokenizer } from "../src/core/prompt/tokenizer.ts";
import type { TokensApi } from "../src/protocol/tokens.ts";
import { ShippedFiles } from "../src/runtime/web/shipped/shipped-files.ts";
import { shippedTokenizer } from "../src/runtime/web/shipped/shipped-tokenizer.ts";

const base = new URL(import.meta.env.BASE_URL, new URL("../", self.location.href)).href;
let tokenizer: Promise<ClipTokenizer> | null = null;

const api: TokensApi = {
  async count(prompt, words) {
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

expose(api);
