/** The token counter as the page uses it: a worker that starts with the first question and answers only the latest. */
import { type Remote, wrap } from "../../bridge/comlink.ts";
import type { CountedWord, TokenCount, TokensApi } from "../../protocol/tokens.ts";

let counter: Remote<TokensApi> | null = null;

/** null: it cannot be told (no vocabulary, or a mention that cannot be read). */
export async function countTokens(prompt: string, words: readonly CountedWord[]): Promise<TokenCount | null> {
  counter ??= wrap<TokensApi>(
    new Worker(new URL("../../../workers/tokens.worker.ts", import.meta.url), { type: "module", name: "tokens" }),
  );
  return counter.count(prompt, words).catch(() => null);
}
