/** Counts tokens in a worker that the first call starts. */
import { type Remote, wrap } from "../../bridge/comlink.ts";
import type { CountedWord, TokenCount, TokensApi } from "../../protocol/tokens.ts";

let counter: Remote<TokensApi> | null = null;

/** null: unknown, because the vocabulary is missing or a mention cannot be read. */
export async function countTokens(prompt: string, words: readonly CountedWord[]): Promise<TokenCount | null> {
  counter ??= wrap<TokensApi>(
    new Worker(new URL("../../../workers/tokens.worker.ts", import.meta.url), { type: "module", name: "tokens" }),
  );
  return counter.count(prompt, words).catch(() => null);
}
