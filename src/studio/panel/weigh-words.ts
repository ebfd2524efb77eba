/**
 * More or less weight for the selected words, in the manner of A1111's web UI: "a fish" becomes "(a fish:1.1)", then
 * "(a fish:1.2)", and at 1 the brackets go. A weight inside `<lora:name:0.8>` is stepped in its place.
 */

export interface TextSelection {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A piece of `text` from `start` to `end` to be replaced, and what is selected afterwards. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly by: string;
  readonly selected: { readonly start: number; readonly end: number };
}

const attentionStep = 0.1;
const loraStep = 0.05;
const [lightest, heaviest] = [0, 2];
const weighed = /^\s*:\s*([+-]?\d*\.?\d+)\s*\)/;
const lora = /<lora:[^<>:]+(?::([^<>:]*))?[^<>]*>/g;

/** null: there is no word to weigh. */
export function weighWords(selection: TextSelection, direction: 1 | -1): Replacement | null {
  return weighLora(selection, direction) ?? weighPhrase(trimmed(widened(selection)), direction);
}

function weighPhrase({ text, start, end }: TextSelection, direction: 1 | -1): Replacement | null {
  if (start === end) return null;
  const words = text.slice(start, end);
  const closing = text[start - 1] === "(" ? weighed.exec(text.slice(end)) : null;
  const before = closing === null ? 1 : Number(closing[1]);
  const weight = rounded(Math.min(heaviest, Math.max(lightest, before + direction * attentionStep)));
  const [from, to] = closing === null ? [start, end] : [start - 1, end + closing[0].length];
  const plain = weight === 1;
  const at = plain ? from : from + 1;
  return {
    start: from,
    end: to,
    by: plain ? words : `(${words}:${weight})`,
    selected: { start: at, end: at + words.length },
  };
}

function weighLora({ text, start, end }: TextSelection, direction: 1 | -1): Replacement | null {
  for (const mention of text.matchAll(lora)) {
    const [from, to] = [mention.index, mention.index + mention[0].length];
    if (start < from || end > to) continue;
    const weight = rounded((mention[1] === undefined ? 1 : Number(mention[1])) + direction * loraStep);
    if (!Number.isFinite(weight)) return null;
    const name = /^<lora:([^<>:]+)/.exec(mention[0])?.[1] ?? "";
    const by = `<lora:${name}:${weight}>`;
    return { start: from, end: to, by, selected: { start: from, end: from + by.length } };
  }
  return null;
}

/** A bare cursor stands for the word it is in. */
function widened({ text, start, end }: TextSelection): TextSelection {
  if (start !== end) return { text, start, end };
  const before = /[^\s,()[\]<>:]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const after = /^[^\s,()[\]<>:]*/.exec(text.slice(end))?.[0].length ?? 0;
  return { text, start: start - before, end: end + after };
}

/** Without blanks at its ends, and without the brackets and weight if those were selected along. */
function trimmed({ text, start, end }: TextSelection): TextSelection {
  const whole = /^\s*\(([^()]*):\s*[+-]?\d*\.?\d+\s*\)\s*$/.exec(text.slice(start, end));
  if (whole?.[1] !== undefined) {
    const inner = start + text.slice(start, end).indexOf("(") + 1;
    return { text, start: inner, end: inner + whole[1].length };
  }
  const words = text.slice(start, end);
  return { text, start: start + words.length - words.trimStart().length, end: end - words.length + words.trimEnd().length };
}

function rounded(weight: number): number {
  return Number(weight.toFixed(2));
}
