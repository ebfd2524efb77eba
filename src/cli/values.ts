/** Reads the values of options from their texts, and refuses what does not fit in one sentence. */

import { ZoetropeError } from "../core/errors.ts";
import { type LoraStrength, parseStrength } from "../core/prompt/lora-strength.ts";

/** Each option's text as `parseArgs` returns it: true for one without a value, undefined for one that was not given. */
export type Given = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface WeightedFile {
  readonly path: string;
  readonly weight: number;
}

export function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) refuse(option, `--${option} takes a number; it is "${text}".`);
  return value;
}

export function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  return found ?? refuse(option, `--${option} takes ${allowed.join(", ")}; it is "${text}".`);
}

/** FILE or FILE:WEIGHT. A colon that no number follows belongs to the path. */
export function weightedFile(option: string, text: string): WeightedFile {
  const found = /^(.+):([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/i.exec(text);
  const path = found?.[1] ?? text;
  const weight = found === null ? 1 : Number(found[2]);
  if (Math.abs(weight) > 100) refuse(option, `The weight of ${path} is ${weight}; it must be from -100 to 100.`);
  return { path, weight };
}

export interface LoraFile extends LoraStrength {
  readonly path: string;
}

/** FILE or FILE:WEIGHT, then :te=WEIGHT, :unet=WEIGHT or :lbw=BLOCKS, named so that no path is taken for a strength. */
export function loraFile(option: string, text: string): LoraFile {
  const [, file = text, named = ""] = /^(.+?)((?::(?:te|unet|lbw)=[^:]*)+)$/i.exec(text) ?? [];
  const { path, weight } = weightedFile(option, file);
  const strength = parseStrength([String(weight), ...named.split(":").slice(1)]);
  if (strength === null || strength.unread !== undefined) {
    return refuse(
      option,
      `--${option} takes FILE:te=WEIGHT:unet=WEIGHT:lbw=BLOCKS, where BLOCKS is a preset such as OUTALL or 17 or 26 numbers; it is "${text}".`,
    );
  }
  if (Math.abs(strength.textWeight ?? 0) > 100 || Math.abs(strength.weight) > 100)
    refuse(option, `The weights of ${path} must be from -100 to 100.`);
  return { path, ...strength };
}

/** IDX=TEXT */
export function atFrame(option: string, given: string | boolean): { readonly frame: number; readonly text: string } {
  const found = /^(\d+)=(.*)$/s.exec(String(given));
  if (found === null) return refuse(option, `--${option} takes FRAME=TEXT; it is "${given}".`);
  return { frame: Number(found[1]), text: found[2]! };
}

/** @throws ZoetropeError `arguments/OPTION`, always */
export function refuse(option: string, message: string): never {
  throw new ZoetropeError(`arguments/${option}`, { message, hint: "zoetrope --help lists the options." });
}
