/** Reads the values of options from their texts, and refuses what does not fit in one sentence. */

import { ZoetropeError } from "../core/errors.ts";

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
