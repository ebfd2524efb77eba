/**
 * Lanes: numbers that change over the frames of a clip, such as CFG or a LoRA's weight. A lane holds its first key's value before that
 * key and its last one's after it, and goes over between keys as prompts do (travel.ts).
 */

import { type Easing, isEasing } from "./easing.ts";
import { interpolateEmbeddings, keysRound } from "./travel.ts";

export interface LaneKey {
  readonly frame: number;
  readonly value: number;
  /** How the value goes over to it from the key before. Absent: linear. */
  readonly easing?: Easing;
}

export interface Lane {
  /** What changes: see `laneTarget`. */
  readonly target: string;
  /** At least one. */
  readonly keys: readonly LaneKey[];
}

export type LaneTarget =
  | { readonly kind: "cfg" }
  /** The weight of the control of that place, from 0. */
  | { readonly kind: "control"; readonly index: number }
  /** The weight of the pictures to look like. */
  | { readonly kind: "likeness" }
  /** The weight of the LoRA or motion LoRA of that name. */
  | { readonly kind: "lora"; readonly name: string };

export const LANE_WORDS = "cfg, control (the second: control.2), ip, or lora:NAME";

/** "cfg", "control", "control.2", "ip", "lora:neon". null: none of them. */
export function laneTarget(text: string): LaneTarget | null {
  if (text === "cfg") return { kind: "cfg" };
  if (text === "ip") return { kind: "likeness" };
  const control = /^control(?:\.([1-9]\d?))?$/.exec(text);
  if (control !== null) return { kind: "control", index: Number(control[1] ?? 1) - 1 };
  const name = /^lora:(.+)$/s.exec(text)?.[1];
  return name === undefined ? null : { kind: "lora", name };
}

/** The lane of the control of that place, from 0. */
export function controlTarget(index: number): string {
  return index === 0 ? "control" : `control.${index + 1}`;
}

/** "lora:neon=0:0.2,8:smooth:1" */
export function laneText({ target, keys }: Lane): string {
  const key = ({ frame, value, easing }: LaneKey) => [frame, ...(easing === undefined ? [] : [easing]), value].join(":");
  return `${target}=${keys.map(key).join(",")}`;
}

/** The way back; null for anything else. The last "=" ends the target, because names of LoRAs may contain one. */
export function parseLane(text: string): Lane | null {
  const [, target, said] = /^(.+)=([^=]+)$/s.exec(text.trim()) ?? [];
  if (target === undefined || laneTarget(target) === null) return null;
  const keys = said!.split(",").map(parseKey);
  return keys.includes(null) ? null : { target, keys: keys as LaneKey[] };
}

function parseKey(text: string): LaneKey | null {
  const [, frame, easing, number] = /^\s*(\d{1,4}):(?:([a-z-]+):)?\s*(-?(?:\d+\.?\d*|\.\d+))\s*$/.exec(text) ?? [];
  if (number === undefined || (easing !== undefined && !isEasing(easing))) return null;
  return { frame: Number(frame), value: Number(number), ...(isEasing(easing) ? { easing } : {}) };
}

/** The lane of that target, which may be none. Names of LoRAs are compared without regard to case. */
export function laneOf(lanes: readonly Lane[], target: string): Lane | null {
  return lanes.find((lane) => lane.target.toLowerCase() === target.toLowerCase()) ?? null;
}

/** The value in every frame. @param loop the last key leads on to the first of the next round */
export function laneValues({ keys }: Pick<Lane, "keys">, frames: number, loop = false): Float32Array<ArrayBuffer> {
  const travel = keys.map(({ frame, value, easing = "linear" }) => ({ frame, easing, embedding: Float32Array.of(value) }));
  const ordered = travel.sort((a, b) => a.frame - b.frame);
  return interpolateEmbeddings(loop ? keysRound(ordered, frames) : ordered, frames);
}
