/** Finds prompt syntax, mostly of other tools, that an animation reads as plain words or passes over. */

import type { RenderSettings } from "../settings/render-settings.ts";

const NUMBER = String.raw`\s*(?:\d+(?:\.\d*)?|\.\d+)\s*`;

const FORMS: readonly RegExp[] = [
  // Composable diffusion: prompts that are guided to separately.
  /\bAND\b/g,
  // Hypernetworks and other networks that are called like LoRAs.
  /<(?!lora:)\w+:[^<>]+>/gi,
  // Dynamic prompts: several of some words, "{2$$a|b}", and a word from a file, "__colours__".
  /\{[^{}|]*\$\$[^{}]*\}/g,
  /(?<!\w)__[\w/*-]*[^\W_][\w/*-]*__(?!\w)/g,
  // InvokeAI's blends and swaps.
  /[\w")]\.(?:and|blend|swap)\([^()]*\)/g,
];

const LORA_CALL = /<lora:[^<>]+>/gi;
const BREAK = /\bBREAK\b/g;
/** Pieces of the "a1111" syntax, which the "plain" one takes for words. */
const PLAIN_FORMS: readonly RegExp[] = [
  new RegExp(String.raw`(?<!\\)\([^()]*:${NUMBER}\)`, "g"),
  new RegExp(String.raw`(?<!\\)\[[^[\]]*(?::${NUMBER}|\|[^[\]]*)\]`, "g"),
  /(?<!\\)\{[^{}$]*\|[^{}]*\}/g,
  LORA_CALL,
  BREAK,
];

type Prompts = Pick<RenderSettings, "prompt" | "negative" | "promptAt">;

/** Every piece of such syntax, each once, in the order of the patterns. */
export function unreadSyntax(prompts: readonly string[]): readonly string[] {
  return pieces(FORMS, prompts);
}

/** One sentence for each way in which a piece of the prompts is not read as its tool would. */
export function unreadNotices(settings: Prompts & Pick<RenderSettings, "promptSyntax" | "longPrompts">): string[] {
  const { negative, promptSyntax, longPrompts } = settings;
  const texts = promptTexts(settings);
  const unread = unreadSyntax(texts);
  const notices: string[] = [];
  if (unread.length > 0) notices.push(`Read as plain words here: ${unread.join(", ")}.`);
  if (promptSyntax === "plain") {
    const plain = pieces(PLAIN_FORMS, texts);
    if (plain.length > 0)
      notices.push(`Read as plain words, because brackets (--prompt-syntax) are set to plain: ${plain.join(", ")}.`);
    return notices;
  }
  const calls = pieces([LORA_CALL], [negative]);
  if (calls.length > 0) notices.push(`Only the prompt calls LoRAs; passed over in the negative prompt: ${calls.join(", ")}.`);
  if (longPrompts === "truncate" && pieces([BREAK], texts).length > 0)
    notices.push("BREAK only separates words here, because long prompts are cut off instead of going on in further chunks.");
  return notices;
}

export function promptTexts({ prompt, negative, promptAt }: Prompts): string[] {
  return [prompt, negative, ...promptAt.map(({ text }) => text)];
}

function pieces(forms: readonly RegExp[], texts: readonly string[]): readonly string[] {
  return [...new Set(forms.flatMap((form) => texts.flatMap((text) => text.match(form) ?? [])))];
}
