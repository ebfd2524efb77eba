/**
 * The CLIP tokenizer: text to ids, as transformers' CLIPTokenizer gives them. The byte-pair encoding is @huggingface/tokenizers';
 * ours are the normalisation, which JavaScript's regular expressions and case rules would get wrong, and the special tokens.
 */

import { Tokenizer } from "@huggingface/tokenizers";
import { ZoetropeError } from "../errors.ts";

const BEGIN_TOKEN = 49406;
export const END_TOKEN = 49407;
/** Ids the text encoder takes at once, with begin and end. */
export const CONTEXT_LENGTH = 77;
/** Ids of the prompt itself in one context. */
export const CONTEXT_TOKENS = CONTEXT_LENGTH - 2;

const SPECIAL_TOKENS = new Map([
  ["<|startoftext|>", BEGIN_TOKEN],
  ["<|endoftext|>", END_TOKEN],
]);
const SPECIAL_PATTERN = /(<\|startoftext\|>|<\|endoftext\|>)/;

/** Unicode's White_Space. JavaScript's \s has U+FEFF and lacks U+0085. */
const WHITE_SPACE = /\p{White_Space}+/gu;
/** Contractions, words, single digits, runs of anything else; after normalisation the only white space is the space. */
const PIECES = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^ \\p{L}\\p{N}]+";

/** CLIP uses as many of the file's 262,144 merges as fit into 49,408 ids: 512 byte symbols, the merges, two special tokens. */
const MERGES = 48_894;

export interface ClipTokenizer {
  /** Ids of a text without begin and end, however long. The literal special tokens in a text become their ids. */
  encode(text: string): number[];
  /** [77] ids for the text encoder: begin, the first 75 ids, end, and end again as padding. */
  toIds77(ids: readonly number[]): number[];
}

/**
 * @param vocabulary the text of `bpe_simple_vocab_16e6.txt` (decompressed), OpenAI's CLIP vocabulary
 * @throws ZoetropeError `tokenizer/vocabulary` when it is not that
 */
export function createClipTokenizer(vocabulary: string): ClipTokenizer {
  const tokenizer = new Tokenizer(definition(readMerges(vocabulary)), {});
  return {
    encode: (text) =>
      text.split(SPECIAL_PATTERN).flatMap((part) => {
        const special = SPECIAL_TOKENS.get(part);
        return special === undefined ? tokenizer.encode(normalise(part)).ids : [special];
      }),
    toIds77,
  };
}

/** NFC, one space for every run of white space, lower case code point by code point (a final sigma is a sigma like any other). */
function normalise(text: string): string {
  return Array.from(text.normalize("NFC").replace(WHITE_SPACE, " "), (symbol) => symbol.toLowerCase()).join("");
}

export function toIds77(ids: readonly number[]): number[] {
  const padded = new Array<number>(CONTEXT_LENGTH).fill(END_TOKEN);
  padded[0] = BEGIN_TOKEN;
  for (const [i, id] of ids.slice(0, CONTEXT_TOKENS).entries()) padded[i + 1] = id;
  return padded;
}

/** Pairs of symbols, most frequent first; the file's first line is a comment. */
function readMerges(vocabulary: string): [string, string][] {
  const merges = vocabulary
    .split("\n", MERGES + 1)
    .slice(1)
    .map((line) => line.split(" ") as [string, string]);
  if (merges.length !== MERGES || merges.some((pair) => pair.length !== 2)) {
    throw new ZoetropeError("tokenizer/vocabulary", {
      message: "The tokenizer's vocabulary is damaged: it is not the list of 48,894 merges that CLIP uses.",
      hint: "Reload the page; if that does not help, replace tokenizer/bpe_simple_vocab_16e6.txt.gz by the original.",
    });
  }
  return merges;
}

/** The contents of a tokenizer.json. Ids: 256 bytes, 256 bytes that end a word, the merges in their order. */
function definition(merges: readonly [string, string][]): object {
  const alphabet = byteSymbols();
  const words = [...alphabet, ...alphabet.map((symbol) => `${symbol}</w>`), ...merges.map((pair) => pair.join(""))];
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: PIECES }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, use_regex: false },
      ],
    },
    model: {
      type: "BPE",
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      merges,
      end_of_word_suffix: "</w>",
    },
    post_processor: null,
    decoder: null,
  };
}

/** The printable stand-ins of GPT-2's byte-level alphabet, in CLIP's order: printable bytes first, then the others from U+0100 on. */
function byteSymbols(): string[] {
  const printable = [range(33, 127), range(161, 173), range(174, 256)].flat();
  return [...printable, ...range(256, 512 - printable.length)].map((code) => String.fromCharCode(code));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
