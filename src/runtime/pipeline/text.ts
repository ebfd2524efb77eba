/** Prompts to text embeddings: chunks of as many tokens as the encoder reads, emphasis, prompt travel. */

import { interpolateEmbeddings } from "../../core/animation/travel.ts";
import { type PromptChunk, padChunks, type TokenizedPrompt, tokenizePrompt } from "../../core/prompt/chunks.ts";
import { applyTokenWeights } from "../../core/prompt/weights.ts";
import type { TokenInputs } from "../../graph/text-encoder.ts";
import { floatOutput, floats, type Session } from "../engine/backend.ts";
import { textPlan } from "../engine/plans/text.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";

export interface TextEmbedding {
  readonly data: Float32Array;
  /** [batch, tokens, C]; batch is 1, or the number of frames when the prompt travels. */
  readonly shape: readonly [number, number, number];
}

export interface TextEmbeddings {
  readonly cond: TextEmbedding;
  /** null when there is no guidance (CFG scale up to 1). */
  readonly uncond: TextEmbedding | null;
  /** Sentences on the parts of the prompts that were not used. */
  readonly notices: readonly string[];
}

/** Phase "text". Prompts share one phase's sessions, of which the text encoder is the first. */
export async function encodePrompts(
  { request, engine, tokenizer, signal }: Pick<Job, "request" | "engine" | "tokenizer" | "signal">,
  { models, precision }: Rung,
): Promise<TextEmbeddings> {
  const { settings } = request;
  const { prompt, negative, promptAt, frames, cfgScale, clipSkip } = settings;
  const options = { syntax: settings.promptSyntax, longPrompts: settings.longPrompts, embeddings: models.embeddings ?? [] };
  const keys = [...promptAt].sort((a, b) => a.frame - b.frame);
  const texts = keys.length === 0 ? [prompt] : keys.map((key) => key.text);
  const guided = cfgScale > 1;
  const tokenized = (guided ? [...texts, negative] : texts).map((text) => tokenizePrompt(tokenizer, text, options));

  const inputs = tokenized.some(({ chunks }) => chunks.some(({ vectors }) => vectors !== undefined)) ? "vectors" : "ids";
  engine.beginPhase();
  const session = await engine.session(textPlan(models.text, { clipSkip, inputs }, engine.style(precision)));
  const width = models.text.config.hiddenSize;
  // Every text is padded to the chunks of the longest, so that one graph serves all and both guidance halves see as many tokens.
  const chunkCount = Math.max(...tokenized.map((t) => t.chunks.length));
  const embeddings: Float32Array[] = [];
  for (const { chunks } of tokenized) {
    signal.throwIfAborted();
    const parts: Float32Array[] = [];
    for (const chunk of padChunks(chunks, chunkCount))
      parts.push(applyTokenWeights(await encode(session, chunk, inputs, width), chunk.weights));
    embeddings.push(concatenate(parts));
  }

  const tokens = embeddings[0]!.length / width;
  const uncond = guided ? embeddings.pop()! : null;
  const notices = unusedParts(tokenized.slice(0, texts.length), guided ? tokenized.at(-1)! : null);
  if (keys.length === 0) {
    const shape = [1, tokens, width] as const;
    return { cond: { data: embeddings[0]!, shape }, uncond: uncond && { data: uncond, shape }, notices };
  }
  const shape = [frames, tokens, width] as const;
  const travelling = interpolateEmbeddings(
    keys.map((key, i) => ({ frame: key.frame, embedding: embeddings[i]! })),
    frames,
  );
  return { cond: { data: travelling, shape }, uncond: uncond && { data: repeat(uncond, frames), shape }, notices };
}

function unusedParts(prompts: readonly TokenizedPrompt[], negative: TokenizedPrompt | null): string[] {
  const notices: string[] = [];
  const truncated = Math.max(...prompts.map(({ truncatedTokens }) => truncatedTokens));
  if (truncated > 0) notices.push(tooLong("prompt", truncated));
  if (negative !== null && negative.truncatedTokens > 0) notices.push(tooLong("negative prompt", negative.truncatedTokens));
  const unknown = new Set([...prompts, ...(negative === null ? [] : [negative])].flatMap((each) => each.unknownEmbeddings));
  for (const name of unknown)
    notices.push(`embedding:${name} was read as plain words, because no embedding of that name is here.`);
  return notices;
}

function tooLong(which: "prompt" | "negative prompt", tokens: number): string {
  const last = tokens === 1 ? "its last token was" : `its last ${tokens} tokens were`;
  return `The ${which} is longer than the text encoder reads: ${last} not used. Shorten it, or let long prompts go on in further chunks.`;
}

async function encode(session: Session, chunk: PromptChunk, inputs: TokenInputs, width: number): Promise<Float32Array> {
  const tokens = chunk.ids.length;
  const ids = { ids: { type: "int32", shape: [1, tokens], data: Int32Array.from(chunk.ids) } } as const;
  if (inputs === "ids") return floatOutput(await session.run(ids), "hidden");
  const keep = new Float32Array(tokens).fill(1);
  const vectors = new Float32Array(tokens * width);
  for (const [at, vector] of chunk.vectors ?? []) {
    keep[at] = 0;
    vectors.set(vector, at * width);
  }
  const replaced = { keep: floats(keep, [1, tokens, 1]), vectors: floats(vectors, [1, tokens, width]) };
  return floatOutput(await session.run({ ...ids, ...replaced }), "hidden");
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Float32Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function repeat(data: Float32Array, times: number): Float32Array {
  const all = new Float32Array(data.length * times);
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return all;
}
