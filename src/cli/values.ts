/** Reads the values of options from their texts, and refuses what does not fit in one sentence. */

import { EASINGS } from "../core/animation/easing.ts";
import { LANE_WORDS, type Lane, parseLane } from "../core/animation/lanes.ts";
import { ZoetropeError } from "../core/errors.ts";
import { PREPROCESSORS, type Preprocessor } from "../core/preprocess/preprocessor-names.ts";
import { type LoraStrength, parseStrength } from "../core/prompt/lora-strength.ts";
import type { Keyframe } from "../core/settings/setting.ts";

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

export interface ControlFile extends WeightedFile {
  readonly preprocessor: Preprocessor;
  /** An ONNX model that draws what the ControlNet is shown, in place of a preprocessor; absent: none. */
  readonly annotator?: string;
  readonly during: { readonly start: number; readonly end: number };
}

/** FILE or FILE:WEIGHT, then :pre=NAME or :pre=FILE.onnx, :start=SHARE and :end=SHARE, named so that no path is taken for them. */
export function controlFile(option: string, text: string): ControlFile {
  const [, file = text, named = ""] = /^(.+?)((?::(?:pre|start|end)=[^:]*)+)$/i.exec(text) ?? [];
  const values = new Map(
    named
      .split(":")
      .slice(1)
      .map((part) => part.split("=", 2) as [string, string]),
  );
  const share = (name: string, fallback: number) => {
    const value = values.has(name) ? number(option, values.get(name)!) : fallback;
    if (value < 0 || value > 1)
      refuse(option, `The ${name} of ${file} is ${value}; it must be a share of the steps from 0 to 1.`);
    return value;
  };
  const during = { start: share("start", 0), end: share("end", 1) };
  if (during.start >= during.end)
    refuse(option, `${file} would act from ${during.start} to ${during.end} of the steps, which is never.`);
  const pre = values.get("pre") ?? "none";
  if (/\.onnx$/i.test(pre)) return { ...weightedFile(option, file), preprocessor: "none", annotator: pre, during };
  return { ...weightedFile(option, file), preprocessor: oneOf(option, pre, PREPROCESSORS), during };
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

/** IDX=TEXT or IDX:EASING=TEXT */
export function keyframe(option: string, given: string | boolean): Keyframe {
  const [, frame, easing, text] = /^(\d+):([a-z-]+)=(.*)$/s.exec(String(given)) ?? [];
  if (frame === undefined) return atFrame(option, given);
  return { frame: Number(frame), text: text!, easing: oneOf(option, easing!, EASINGS) };
}

/** TARGET=IDX:X,IDX:EASING:X */
export function lane(option: string, given: string | boolean): Lane {
  return (
    parseLane(String(given)) ??
    refuse(option, `--${option} takes TARGET=FRAME:VALUE,FRAME:EASING:VALUE, where TARGET is ${LANE_WORDS}; it is "${given}".`)
  );
}

/** IDX=TEXT */
export function atFrame(option: string, given: string | boolean): { readonly frame: number; readonly text: string } {
  const found = /^(\d+)=(.*)$/s.exec(String(given));
  if (found === null) return refuse(option, `--${option} takes FRAME=TEXT; it is "${given}".`);
  return { frame: Number(found[1]), text: found[2]! };
}

/** A frame that is given as a picture. */
export interface HeldFrameFile {
  readonly frame: number | "last";
  readonly picture: string;
}

/** IDX=PICTURE or last=PICTURE */
export function heldFrame(option: string, given: string): HeldFrameFile {
  const [, frame, picture] = /^(\d+|last)=(.+)$/is.exec(given) ?? [];
  if (frame === undefined || picture === undefined)
    return refuse(option, `--${option} takes FRAME=PICTURE, where FRAME is a number from 0 or "last"; it is "${given}".`);
  return { frame: /^last$/i.test(frame) ? "last" : Number(frame), picture };
}

/** @throws ZoetropeError `arguments/OPTION`, always */
export function refuse(option: string, message: string): never {
  throw new ZoetropeError(`arguments/${option}`, { message, hint: "zoetrope --help lists the options." });
}
