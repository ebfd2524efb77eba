/** How long a prompt is for the text encoder. Types only. */

/** A word that stands for more or fewer tokens than its letters. */
export interface CountedWord {
  readonly name: string;
  readonly tokens: number;
}

export interface TokenCount {
  /** Without begin, end and padding. */
  readonly tokens: number;
  /** Parts of up to 75 tokens that hold all of them. */
  readonly chunks: number;
}
