/**
 * LoRAs that are both chosen and called by `<lora:name:0.8>`. A call is about this prompt, so its weight replaces the chosen one; the
 * last of several calls counts. Naming a LoRA twice does not add up.
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

/** Each name once, at the last weight given. */
export function calledIn(prompts: readonly string[]): LoraMention[] {
  const calls = prompts.flatMap((prompt) => parsePrompt(prompt).loras);
  return [...new Map(calls.map((call) => [call.name.toLowerCase(), call])).values()];
}

/** The sentence about a part of `<lora:name:…>` that is not read. */
export function unreadStrength(name: string, part: string): string {
  return `"${part}" in <lora:${name}:…> was not used: only strengths (0.8, te=0.8, unet=0.5) and block weights (lbw=OUTALL, 17 or 26 numbers) are read.`;
}

/** Names are compared without regard to case. */
export function sameLora(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The chosen ones that are not called, then the called ones. */
export function withCalled<L>(chosen: readonly L[], called: readonly L[], idOf: (lora: L) => string): L[] {
  const ids = new Set(called.map(idOf));
  return [...chosen.filter((lora) => !ids.has(idOf(lora))), ...called];
}
