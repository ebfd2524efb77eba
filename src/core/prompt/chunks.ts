/**
 * Turns a prompt into the text encoder's inputs: chunks of 77 ids with a weight each. Long prompts are cut off after 75 tokens,
 * or go on in further chunks whose hidden states are laid end to end, [1, 77 · chunks, C] (the way of AUTOMATIC1111's web UI).
 */

import { type ClipTokenizer, CONTEXT_LENGTH, CONTEXT_TOKENS, END_TOKEN, toIds77 } from "./tokenizer.ts";
import { type LoraMention, type ParsedPrompt, parsePrompt } from "./weights.ts";

export type PromptSyntax = "plain" | "a1111";
export type LongPrompts = "truncate" | "chunk";

export interface PromptChunk {
  /** [77] */
  readonly ids: readonly number[];
  /** [77]; 1 for begin, end and padding. */
  readonly weights: readonly number[];
  /** Vectors that stand where ids have none of their own (textual inversion), by their place in the chunk. Absent: none. */
  readonly vectors?: ReadonlyMap<number, Float32Array>;
}

/** A word that stands for vectors instead of for its tokens. */
export interface PromptEmbedding {
  readonly name: string;
  /** At most 75, [C] each. */
  readonly vectors: readonly Float32Array[];
}

export interface TokenizedPrompt {
  /** At least one. */
  readonly chunks: readonly PromptChunk[];
  /** Tokens of the whole prompt, without begin, end and padding. */
  readonly tokenCount: number;
  /** Number of those tokens that were cut off. */
  readonly truncatedTokens: number;
  readonly loras: readonly LoraMention[];
  /** Names that the prompt calls as ComfyUI does, `embedding:name`, and that no embedding has. */
  readonly unknownEmbeddings: readonly string[];
}

interface Token {
  readonly id: number;
  readonly weight: number;
  /** One vector of a word that stands for vectors, and its index. */
  readonly vector?: Float32Array;
  readonly part?: number;
}

const COMMA = 267;
/** A chunk ends after a comma if that costs it no more than this many tokens, so that a phrase stays together. */
const COMMA_REACH = 20;

/** The chunk of an empty prompt. */
const EMPTY_CHUNK: PromptChunk = chunkOf([]);

export interface PromptOptions {
  readonly syntax: PromptSyntax;
  readonly longPrompts: LongPrompts;
  readonly embeddings?: readonly PromptEmbedding[];
}

/**
 * BREAK ends a chunk where there are several; where the prompt is truncated to one it only separates words.
 * @throws ZoetropeError `prompt/lora-weight` (syntax "a1111")
 */
export function tokenizePrompt(
  tokenizer: Pick<ClipTokenizer, "encode">,
  text: string,
  { syntax, longPrompts, embeddings = [] }: PromptOptions,
): TokenizedPrompt {
  const words = embeddings.map((embedding) => ({ ids: tokenizer.encode(embedding.name), ...embedding }));
  // Where two names begin alike, the longer match wins.
  words.sort((a, b) => b.ids.length - a.ids.length);
  const called = comfyCalls(text, embeddings);
  const { unknownEmbeddings } = called;
  const { sections, loras } = syntax === "a1111" ? parsePrompt(called.text) : plain(called.text);
  const encode = (text: string) => splitAtNames(text, embeddings).flatMap((piece) => tokenizer.encode(piece));
  const tokens = sections.map((spans) => spans.flatMap(({ text, weight }) => withVectors(encode(text), weight, words)));
  const tokenCount = tokens.reduce((sum, { length }) => sum + length, 0);
  if (longPrompts === "truncate") {
    const kept = tokens.flat().slice(0, CONTEXT_TOKENS);
    return { chunks: [chunkOf(kept)], tokenCount, truncatedTokens: tokenCount - kept.length, loras, unknownEmbeddings };
  }
  if (tokens.length > 1 && tokens.at(-1)!.length === 0) tokens.pop(); // a BREAK at the very end begins nothing
  return { chunks: tokens.flatMap(split).map(chunkOf), tokenCount, truncatedTokens: 0, loras, unknownEmbeddings };
}

const COMFY_CALL = /\bembedding:([^\s,()[\]{}:;|]+)/gi;

export function withoutEmbeddingCalls(prompt: string): string {
  return prompt.replace(COMFY_CALL, " ");
}

/** `embedding:name`, as ComfyUI calls embeddings, becomes the name; the ending of its file may stand there too. */
function comfyCalls(prompt: string, embeddings: readonly PromptEmbedding[]): { text: string; unknownEmbeddings: string[] } {
  const unknownEmbeddings: string[] = [];
  const text = prompt.replace(COMFY_CALL, (call, said: string) => {
    const name = said.replace(/[.!?]+$/, "").replace(/\.(safetensors|pt|bin)$/i, "");
    if (embeddings.some((embedding) => embedding.name.toLowerCase() === name.toLowerCase())) return name;
    unknownEmbeddings.push(name);
    return call;
  });
  return { text, unknownEmbeddings };
}

/**
 * Cuts a text around the names that begin or end with a symbol, such as `<my-style>`. The tokenizer would join that symbol with a
 * comma next to it, and the name would not be found.
 */
function splitAtNames(text: string, embeddings: readonly PromptEmbedding[]): string[] {
  const names = embeddings.map(({ name }) => name).filter((name) => /^[^\p{L}\p{N}]|[^\p{L}\p{N}]$/u.test(name));
  if (names.length === 0) return [text];
  const longestFirst = names.sort((a, b) => b.length - a.length).map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return text.split(new RegExp(`(${longestFirst.join("|")})`, "i"));
}

/** The way of AUTOMATIC1111's web UI: wherever the tokens of an embedding's name stand, its vectors take their place. */
function withVectors(
  ids: readonly number[],
  weight: number,
  words: readonly (PromptEmbedding & { readonly ids: readonly number[] })[],
): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < ids.length; ) {
    const word = words.find((each) => each.ids.length > 0 && each.ids.every((id, i) => ids[at + i] === id));
    if (word === undefined) tokens.push({ id: ids[at]!, weight });
    else tokens.push(...word.vectors.map((vector, part) => ({ id: END_TOKEN, weight, vector, part })));
    at += word?.ids.length ?? 1;
  }
  return tokens;
}

function plain(text: string): ParsedPrompt {
  return { sections: [[{ text, weight: 1 }]], loras: [] };
}

/** Parts of at most 75 tokens; at least one part. */
function split(tokens: readonly Token[]): (readonly Token[])[] {
  const parts: (readonly Token[])[] = [];
  let start = 0;
  while (tokens.length - start > CONTEXT_TOKENS) {
    const end = chunkEnd(tokens, start);
    parts.push(tokens.slice(start, end));
    start = end;
  }
  return [...parts, tokens.slice(start)];
}

/**
 * Ends a chunk after the last comma within reach of its edge, otherwise (or if a comma comes next) at the edge. Vectors of one word
 * stay together.
 */
function chunkEnd(tokens: readonly Token[], start: number): number {
  let edge = start + CONTEXT_TOKENS;
  edge -= tokens[edge]!.part ?? 0;
  if (tokens[edge]!.id === COMMA) return edge;
  const reach = Math.max(start, edge - COMMA_REACH);
  const comma = tokens.slice(reach, edge).findLastIndex(({ id }) => id === COMMA);
  return comma < 0 ? edge : reach + comma + 1;
}

function chunkOf(tokens: readonly Token[]): PromptChunk {
  const weights = new Array<number>(CONTEXT_LENGTH).fill(1);
  for (const [i, { weight }] of tokens.entries()) weights[i + 1] = weight;
  const vectors = new Map(tokens.flatMap(({ vector }, i) => (vector === undefined ? [] : [[i + 1, vector] as const])));
  return { ids: toIds77(tokens.map(({ id }) => id)), weights, ...(vectors.size === 0 ? {} : { vectors }) };
}

/** As many chunks as asked for, empty ones at the end: cond, uncond and all key frames must come out equally long. */
export function padChunks(chunks: readonly PromptChunk[], count: number): PromptChunk[] {
  return [...chunks, ...new Array<PromptChunk>(Math.max(0, count - chunks.length)).fill(EMPTY_CHUNK)];
}
