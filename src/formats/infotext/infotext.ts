/**
 * The "parameters" text that Stable Diffusion tools write into pictures, in the manner of A1111's web UI:
 *
 *     prompt, over any number of lines
 *     Negative prompt: text, over any number of lines
 *     Steps: 20, Sampler: DDIM, CFG scale: 7.5, Seed: 1, Size: 128x128, Model: Mini
 *
 * A value that holds a comma, colon, quote or line break is written as a JSON string.
 */

export interface Infotext {
  readonly prompt: string;
  readonly negative: string;
  /** "Steps" -> "20" and so on, in file order. */
  readonly fields: ReadonlyMap<string, string>;
}

const negativeMark = "Negative prompt:";
/** `Key: value` or `Key: "json string"`, ended by a comma or the end of the line. */
const fieldPattern = /\s*(\w[\w \-/]*):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)/g;
/** A last line with fewer fields than this is taken as prompt, as A1111 does. */
const fewestFields = 3;

export function writeInfotext(info: Infotext): string {
  const lines: string[] = [info.prompt];
  if (info.negative !== "") lines.push(`${negativeMark} ${info.negative}`);
  lines.push([...info.fields].map(([key, value]) => `${key}: ${quoted(value)}`).join(", "));
  return lines.join("\n");
}

export function parseInfotext(text: string): Infotext {
  const lines = text.trim().split(/\r?\n/);
  // The dynamic prompts extension repeats its templates after the fields.
  while (lines.length > 1 && /^(Negative )?Template:/.test(lines.at(-1)!)) lines.pop();
  let fields = fieldsOf(lines.at(-1) ?? "");
  if (fields.size < fewestFields) fields = new Map();
  else lines.pop();

  const negativeAt = lines.findIndex((line) => line.trimStart().startsWith(negativeMark));
  const promptLines = negativeAt < 0 ? lines : lines.slice(0, negativeAt);
  const negativeLines = negativeAt < 0 ? [] : lines.slice(negativeAt);
  return {
    prompt: promptLines.join("\n").trim(),
    negative: negativeLines.join("\n").trimStart().slice(negativeMark.length).trim(),
    fields,
  };
}

function fieldsOf(line: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, key, value] of line.matchAll(fieldPattern)) {
    if (key !== undefined && value !== undefined) fields.set(key.trim(), unquoted(value.trim()));
  }
  return fields;
}

function quoted(value: string): string {
  return /[,:"\n\r]/.test(value) ? JSON.stringify(value) : value;
}

function unquoted(value: string): string {
  if (!(value.length >= 2 && value.startsWith('"') && value.endsWith('"'))) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
