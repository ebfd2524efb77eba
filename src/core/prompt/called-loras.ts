/**
 * LoRAs that are both chosen and called by `<lora:name:0.8>`. A call says what is meant for this prompt: it replaces the weight that was
 * chosen, and the last of several calls counts. Nothing adds up by being named twice.
 */

import type { RenderSettings } from "../settings/render-settings.ts";
import { type LoraMention, parsePrompt } from "./weights.ts";

/** The LoRAs that a clip's prompts call by name; empty where no prompt calls any. */
export function calledLoras({
  promptSyntax,
  prompt,
  promptAt,
}: Pick<RenderSettings, "promptSyntax" | "prompt" | "promptAt">): LoraMention[] {
  return promptSyntax === "plain" ? [] : calledIn([prompt, ...promptAt.map(({ text }) => text)]);
}

/** Each name once, at the weight that was given last. */
export function calledIn(prompts: readonly string[]): LoraMention[] {
  const calls = prompts.flatMap((prompt) => parsePrompt(prompt).loras);
  return [...new Map(calls.map((call) => [call.name.toLowerCase(), call])).values()];
}

/** Names are the same whatever their case. */
export function sameLora(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The chosen ones that are not called, then the called ones. */
export function withCalled<L>(chosen: readonly L[], called: readonly L[], idOf: (lora: L) => string): L[] {
  const ids = new Set(called.map(idOf));
  return [...chosen.filter((lora) => !ids.has(idOf(lora))), ...called];
}
