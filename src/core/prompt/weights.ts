/**
 * The prompt syntax of AUTOMATIC1111's web UI: `(word)` and `[word]` for more and less attention, `(word:1.3)` for a given weight,
 * `\(` for a literal bracket, BREAK for a new chunk, `<lora:name:0.8>` for a LoRA; and how weights act on hidden states.
 */

import { ZoetropeError } from "../errors.ts";
import { type ParsedStrength, parseStrength } from "./lora-strength.ts";

/** Text that is read with one weight. */
export interface PromptSpan {
  readonly text: string;
  readonly weight: number;
}

export interface LoraMention extends ParsedStrength {
  readonly name: string;
}

export interface ParsedPrompt {
  /** The text between BREAKs, in order: at least one section, each possibly without spans. */
  readonly sections: readonly (readonly PromptSpan[])[];
  readonly loras: readonly LoraMention[];
}

const ATTENTION = 1.1;

/** An escaped bracket or backslash, a bracket, a closing weight, plain text, or a colon that closes nothing. */
const TOKENS = /\\[\\()[\]]|[\\()[\]]|:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)|[^\\()[\]:]+|:/g;
const BREAK = /\bBREAK\b/;
const LORA = /<lora:([^<>:]+)((?::[^<>:]*)*)>/g;

/**
 * Never fails on brackets: one that closes nothing is text, one that is never closed reaches to the end.
 * @throws ZoetropeError `prompt/lora-weight` when a LoRA's weight is not a number
 */
export function parsePrompt(prompt: string): ParsedPrompt {
  const { text, loras } = extractLoras(prompt);
  const tokens = Array.from(text.matchAll(TOKENS), ([token, weight]) => ({ token, weight }));
  const factors = bracketFactors(tokens);

  const sections: PromptSpan[][] = [[]];
  // Round and square brackets may overlap, "([a)]"; the products of those open are kept apart.
  const open = { round: [1], square: [1] };
  for (const [i, { token, weight }] of tokens.entries()) {
    const factor = factors.get(i);
    const stack = token === "[" || token === "]" ? open.square : open.round;
    if (factor === "close") stack.pop();
    else if (factor !== undefined) stack.push(stack.at(-1)! * factor);
    else {
      const escaped = token.length === 2 && token.startsWith("\\");
      const parts = escaped || weight !== undefined ? [escaped ? token.slice(1) : token] : token.split(BREAK);
      for (const [k, part] of parts.entries()) {
        if (k > 0) sections.push([]);
        append(sections.at(-1)!, part, open.round.at(-1)! * open.square.at(-1)!);
      }
    }
  }
  return { sections, loras };
}

/** Maps every bracket that has a partner or stays open to the factor that it opens, or to the fact that it closes one. */
function bracketFactors(tokens: readonly { token: string; weight: string | undefined }[]): Map<number, number | "close"> {
  const factors = new Map<number, number | "close">();
  const round: number[] = [];
  const square: number[] = [];
  for (const [i, { token, weight }] of tokens.entries()) {
    if (token === "(") round.push(i);
    else if (token === "[") square.push(i);
    if (token === "(") factors.set(i, ATTENTION);
    else if (token === "[") factors.set(i, 1 / ATTENTION);
    const opening = token === ")" || weight !== undefined ? round.pop() : token === "]" ? square.pop() : undefined;
    if (opening === undefined) continue;
    factors.set(i, "close");
    if (weight !== undefined) factors.set(opening, Number(weight));
  }
  return factors;
}

/** Neighbours of one weight are one span, so that "a\(b" is tokenised as a whole. */
function append(section: PromptSpan[], text: string, weight: number): void {
  if (text === "") return;
  const last = section.at(-1);
  if (last?.weight === weight) section[section.length - 1] = { text: last.text + text, weight };
  else section.push({ text, weight });
}

/** Takes the LoRAs out of a prompt, with their strengths. */
function extractLoras(prompt: string): { text: string; loras: LoraMention[] } {
  const loras: LoraMention[] = [];
  const text = prompt.replace(LORA, (mention, name: string, rest: string) => {
    const strength = parseStrength(rest.split(":").slice(1));
    if (strength === null) {
      throw new ZoetropeError("prompt/lora-weight", {
        message: `The weight of the LoRA in ${mention} is not a number.`,
        hint: `Write it like <lora:${name.trim()}:0.8>.`,
      });
    }
    loras.push({ name: name.trim(), ...strength });
    return "";
  });
  return { text, loras };
}

/**
 * The web UI's "original" emphasis: multiplies each token's state by its weight, then rescales everything so that the mean over all
 * 77 · C numbers stays the same.
 * @param hidden  [77, C], after the text encoder's final layer norm
 * @param weights [77]
 * @returns [77, C]; `hidden` itself when every weight is 1
 */
export function applyTokenWeights(hidden: Float32Array, weights: readonly number[]): Float32Array {
  if (weights.every((weight) => weight === 1)) return hidden;
  const width = hidden.length / weights.length;
  const weighted = hidden.map((value, i) => value * weights[Math.floor(i / width)]!);
  const ratio = sum(hidden) / sum(weighted);
  // Weights of 0 throughout leave no mean to restore.
  return Number.isFinite(ratio) ? weighted.map((value) => value * ratio) : weighted;
}

function sum(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
