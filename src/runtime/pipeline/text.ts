/** Prompts to text embeddings: chunks of as many tokens as the encoder reads, emphasis, prompt travel. */

import { hasGuidance } from "../../core/animation/clip-lanes.ts";
import { interpolateEmbeddings, keysRound } from "../../core/animation/travel.ts";
import { type PromptChunk, padChunks, type TokenizedPrompt, tokenizePrompt } from "../../core/prompt/chunks.ts";
import { wordsNeverRead } from "../../core/prompt/prompt-editing.ts";
import { promptStages } from "../../core/prompt/prompt-stages.ts";
import { replacedPrompt } from "../../core/prompt/replaced-prompt.ts";
import { applyTokenWeights } from "../../core/prompt/weights.ts";
import type { TokenInputs } from "../../graph/text-encoder.ts";
import { floatOutput, floats, type Session } from "../engine/backend.ts";
import { textPlan } from "../engine/plans/text.ts";
import type { ClipRequest } from "./clip-request.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";

export interface TextEmbedding {
  readonly data: Float32Array;
  /** [batch, tokens, C]; batch is 1, or the number of frames when the prompt travels. */
  readonly shape: readonly [number, number, number];
}

/** The texts of one stage of the prompts. */
export interface StageText {
  readonly cond: TextEmbedding;
  /** null when there is no guidance (CFG scale up to 1). */
  readonly uncond: TextEmbedding | null;
}

export interface TextEmbeddings {
  /** At least one, all of one shape; several where a prompt changes with the steps. */
  readonly stages: readonly StageText[];
  /** The stage of each step. */
  readonly stageOf: readonly number[];
  /** Sentences on the parts of the prompts that were not used. */
  readonly notices: readonly string[];
}

/** Phase "text". Prompts share one phase's sessions, of which the text encoder is the first. */
export async function encodePrompts(
  { request, engine, tokenizer, signal }: Pick<Job, "request" | "engine" | "tokenizer" | "signal">,
  { models, precision }: Rung,
): Promise<TextEmbeddings> {
  const { settings } = request;
  const { prompt, negative, promptAt, frames, clipSkip, promptSyntax } = settings;
  const options = { syntax: promptSyntax, longPrompts: settings.longPrompts, embeddings: models.embeddings ?? [] };
  const keys = [...promptAt].sort((a, b) => a.frame - b.frame);
  const texts = keys.length === 0 ? [prompt] : keys.map((key) => key.text);
  const guided = hasGuidance(settings);
  const steps = stepsTaken(request);
  const all = guided ? [...texts, negative] : texts;
  const { texts: stageTexts, stageOf } =
    promptSyntax === "plain" ? { texts: [all], stageOf: Array<number>(steps).fill(0) } : promptStages(all, steps);
  const distinct = [...new Set(stageTexts.flat())];
  const tokenized = new Map(distinct.map((text) => [text, tokenizePrompt(tokenizer, text, options)] as const));

  const chunked = [...tokenized.values()].map(({ chunks }) => chunks);
  const inputs = chunked.some((chunks) => chunks.some(({ vectors }) => vectors !== undefined)) ? "vectors" : "ids";
  engine.beginPhase();
  const session = await engine.session(textPlan(models.text, { clipSkip, inputs }, engine.style(precision)));
  const width = models.text.config.hiddenSize;
  // Every text is padded to the chunks of the longest, so that one graph serves all and both guidance halves see as many tokens.
  const chunkCount = Math.max(...chunked.map((chunks) => chunks.length));
  const embeddings = new Map<string, Float32Array>();
  for (const [text, { chunks }] of tokenized) {
    signal.throwIfAborted();
    const parts: Float32Array[] = [];
    for (const chunk of padChunks(chunks, chunkCount))
      parts.push(applyTokenWeights(await encode(session, chunk, inputs, width), chunk.weights));
    embeddings.set(text, concatenate(parts));
  }

  const tokens = embeddings.get(distinct[0]!)!.length / width;
  const stages = stageTexts.map((own): StageText => {
    const found = own.map((text) => embeddings.get(text)!);
    const uncond = guided ? found.pop()! : null;
    if (keys.length === 0) {
      const shape = [1, tokens, width] as const;
      if (models.unet.weights.frameFactors !== undefined) return everyFrame(found[0]!, uncond, [frames, tokens, width]);
      return { cond: { data: found[0]!, shape }, uncond: uncond && { data: uncond, shape } };
    }
    const shape = [frames, tokens, width] as const;
    const travelKeys = keys.map(({ frame, easing = "linear" }, i) => ({ frame, easing, embedding: found[i]! }));
    const travelling = interpolateEmbeddings(settings.loop ? keysRound(travelKeys, frames) : travelKeys, frames);
    return { cond: { data: travelling, shape }, uncond: uncond && { data: repeat(uncond, frames), shape } };
  });
  const tokenizedOf = (own: readonly string[]) => own.map((text) => tokenized.get(text)!);
  const prompts = tokenizedOf(stageTexts.flatMap((own) => own.slice(0, texts.length)));
  const negatives = guided ? tokenizedOf(stageTexts.map((own) => own.at(-1)!)) : [];
  const neverRead = promptSyntax === "plain" ? [] : [...new Set(all)].flatMap((text) => wordsNeverRead(text, steps));
  const inSteps = `in ${steps} ${steps === 1 ? "step" : "steps"}`;
  const notices = neverRead.map(({ words, change }) => `“${words}” of ${change} is never read ${inSteps}.`);
  return { stages, stageOf, notices: [...unusedParts(prompts, negatives), ...notices, ...replacedPrompt(settings)] };
}

/** The same text for each frame, because the LoRAs that change its keys and values differ from frame to frame. */
function everyFrame(cond: Float32Array, uncond: Float32Array | null, shape: TextEmbedding["shape"]): StageText {
  const own = (data: Float32Array): TextEmbedding => ({ data: repeat(data, shape[0]), shape });
  return { cond: own(cond), uncond: uncond === null ? null : own(uncond) };
}

/** Steps that the sampler takes: a picture to begin with skips the first ones. */
export function stepsTaken({ settings, initVideo }: Pick<ClipRequest, "settings" | "initVideo">): number {
  return initVideo === null ? settings.steps : Math.max(1, Math.floor(settings.steps * initVideo.strength));
}

function unusedParts(prompts: readonly TokenizedPrompt[], negatives: readonly TokenizedPrompt[]): string[] {
  const notices: string[] = [];
  const truncated = Math.max(...prompts.map(({ truncatedTokens }) => truncatedTokens));
  if (truncated > 0) notices.push(tooLong("prompt", truncated));
  const truncatedNegative = Math.max(0, ...negatives.map(({ truncatedTokens }) => truncatedTokens));
  if (truncatedNegative > 0) notices.push(tooLong("negative prompt", truncatedNegative));
  const unknown = new Set([...prompts, ...negatives].flatMap((each) => each.unknownEmbeddings));
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
