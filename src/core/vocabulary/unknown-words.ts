/** Finds the words of prompts that a checkpoint does not know, and says so. */

import { ZoetropeError } from "../errors.ts";
import { withoutEmbeddingCalls } from "../prompt/chunks.ts";
import { promptStages } from "../prompt/prompt-stages.ts";
import { unreadSyntax } from "../prompt/unread-syntax.ts";
import { parsePrompt } from "../prompt/weights.ts";
import { allChoices } from "../prompt/wildcards.ts";
import type { RenderSettings } from "../settings/render-settings.ts";
import type { Lexicon } from "./lexicon.ts";
import { readWords, type UnknownPhrase } from "./read-words.ts";

export type Prompts = Pick<RenderSettings, "prompt" | "promptAt" | "promptSyntax" | "steps">;

/** Each once, in their order. A prompt that calls a LoRA in a way that cannot be read is passed over; it is refused elsewhere. */
export function unknownWords(prompts: Prompts, lexicon: Lexicon): UnknownPhrase[] {
  const found = new Map<string, UnknownPhrase>();
  for (const text of textsOf(prompts)) {
    for (const phrase of readWords(text, lexicon)) {
      const key = phrase.text.toLowerCase();
      if (phrase.kind === "unknown" && !found.has(key)) found.set(key, phrase);
    }
  }
  return [...found.values()];
}

/** Every text that a step may read, without its syntax. */
function textsOf({ prompt, promptAt, promptSyntax, steps }: Prompts): string[] {
  const written = [prompt, ...promptAt.map(({ text }) => text)].map(withoutEmbeddingCalls);
  if (promptSyntax === "plain") return written;
  const { texts } = promptStages(written.map(allChoices), Math.max(1, steps));
  return [...new Set(texts.flat())].flatMap(plainTexts);
}

function plainTexts(prompt: string): string[] {
  const read = unreadSyntax([prompt]).reduce((text, piece) => text.replaceAll(piece, ", "), prompt);
  try {
    return parsePrompt(read).sections.map((spans) => spans.map(({ text }) => text).join(""));
  } catch (thrown) {
    if (thrown instanceof ZoetropeError) return [];
    throw thrown;
  }
}

/** The same in sentences; none where everything is known. */
export function unknownNotices(unknown: readonly UnknownPhrase[], model: string): string[] {
  const things = unknown.filter(({ noun }) => noun);
  const others = unknown.filter(({ noun }) => !noun);
  return [
    ...(things.length === 0 ? [] : [`${model} cannot draw ${list(things)}.`]),
    ...(others.length === 0 ? [] : [`Not known to ${model}: ${list(others)}.`]),
  ];
}

/** In one sentence what of the negative prompt is unknown. It does not travel and is looked up as a prompt by itself. */
export function unknownNegativeNotices(unknown: readonly UnknownPhrase[], model: string): string[] {
  return unknown.length === 0 ? [] : [`Not known to ${model}, so not kept out: ${list(unknown)}.`];
}

function list(unknown: readonly UnknownPhrase[]): string {
  return unknown.map(({ text, nearest }) => (nearest === null ? text : `${text} (nearest: ${nearest})`)).join(", ");
}
