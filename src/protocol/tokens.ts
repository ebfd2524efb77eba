/** The tokens worker as the page sees it (through comlink): how long a prompt is for the text encoder. Types only. */

/** The name of a textual inversion, which stands for a given number of tokens. */
export interface CountedWord {
  readonly name: string;
  readonly tokens: number;
}

export interface TokenCount {
  /** The number of tokens without begin, end and padding. */
  readonly tokens: number;
  /** The number of chunks of up to 75 tokens that they fill. */
  readonly chunks: number;
}

export interface TokensApi {
  /** Rejects when the vocabulary cannot be fetched, or when the prompt mentions a LoRA with a weight that is not a number. */
  count(prompt: string, words: readonly CountedWord[]): Promise<TokenCount>;
}
