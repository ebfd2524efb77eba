/**
 * Changes the weight of the selected words as A1111's web UI does: "a fish" becomes "(a fish:1.1)", then "(a fish:1.2)"; at
 * weight 1 the brackets disappear. In `<lora:name:0.8>` it changes the LoRA's weight.
 */

export interface TextSelection {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The text that replaces `start` to `end`, and the selection afterwards. */
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

/** Without a selection, the word at the cursor. */
function widened({ text, start, end }: TextSelection): TextSelection {
  if (start !== end) return { text, start, end };
  const before = /[^\s,()[\]<>:]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const after = /^[^\s,()[\]<>:]*/.exec(text.slice(end))?.[0].length ?? 0;
  return { text, start: start - before, end: end + after };
}

/** Shrinks a selection by blanks at its ends, and by brackets and weight if they are selected. */
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
