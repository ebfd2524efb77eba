/** Styles as in A1111: words that go round a prompt where `{prompt}` stands in them, or else behind it. */
import type { Style } from "../../storage/preset-store.ts";

export interface Words {
  readonly prompt: string;
  readonly negative: string;
}

export function isStyled({ prompt, negative }: Words, style: Pick<Style, "prompt" | "negative">): boolean {
  return wears(prompt, style.prompt) && wears(negative, style.negative);
}

export function withStyle({ prompt, negative }: Words, style: Pick<Style, "prompt" | "negative">): Words {
  return { prompt: dressed(prompt, style.prompt), negative: dressed(negative, style.negative) };
}

/** Undoes `withStyle`, as long as the style's words stand at both ends. */
export function withoutStyle({ prompt, negative }: Words, style: Pick<Style, "prompt" | "negative">): Words {
  return { prompt: undressed(prompt, style.prompt), negative: undressed(negative, style.negative) };
}

const PLACE = "{prompt}";

function ends(fragment: string): readonly [before: string, after: string] {
  const at = fragment.indexOf(PLACE);
  return at < 0 ? ["", `, ${fragment}`] : [fragment.slice(0, at), fragment.slice(at + PLACE.length)];
}

function dressed(text: string, fragment: string): string {
  if (fragment.trim() === "") return text;
  const [before, after] = ends(fragment);
  // Alone, the words need no comma before them.
  return text.trim() === "" ? `${before}${after}`.replace(/^[,\s]+/, "") : `${before}${text}${after}`;
}

function wears(text: string, fragment: string): boolean {
  if (fragment.trim() === "") return true;
  const [before, after] = ends(fragment);
  if (text === dressed("", fragment)) return true;
  return text.length > before.length + after.length && text.startsWith(before) && text.endsWith(after);
}

function undressed(text: string, fragment: string): string {
  if (fragment.trim() === "" || !wears(text, fragment)) return text;
  const [before, after] = ends(fragment);
  return text === dressed("", fragment) ? "" : text.slice(before.length, text.length - after.length);
}
