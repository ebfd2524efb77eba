/**
 * Prompts on the timeline: the Prompt field holds from the first frame, each keyframe from its own frame on. The engine takes
 * all of them as one list (`promptAt`) and interpolates their text conditioning in between.
 */
import type { Keyframe } from "../../core/settings/setting.ts";

export type { Keyframe };

/** A key of any lane. */
interface OnFrame {
  readonly frame: number;
}

/** Inserts `keyframe` in order; it replaces one on the same frame. */
export function withKeyframe<K extends OnFrame>(keyframes: readonly K[], keyframe: K): K[] {
  return [...withoutKeyframe(keyframes, keyframe.frame), keyframe].sort((a, b) => a.frame - b.frame);
}

export function withoutKeyframe<K extends OnFrame>(keyframes: readonly K[], frame: number): K[] {
  return keyframes.filter((keyframe) => keyframe.frame !== frame);
}

/**
 * The frame nearest to `wanted` to which the keyframe on `from` may move: within the clip and between its neighbours.
 * @param first the first frame that may have one; prompts begin after frame 0
 */
export function freeFrame(keyframes: readonly OnFrame[], from: number, wanted: number, frames: number, first: 0 | 1 = 1): number {
  const others = keyframes.map(({ frame }) => frame);
  const before = Math.max(first - 1, ...others.filter((frame) => frame < from));
  const after = Math.min(Math.max(frames, from + 1), ...others.filter((frame) => frame > from));
  return Math.max(before + 1, Math.min(after - 1, wanted));
}

/** The request's `promptAt`: empty without keyframes inside the clip, else all of them with the Prompt on frame 0. */
export function promptAtOf(prompt: string, keyframes: readonly Keyframe[], frames: number): Keyframe[] {
  const inside = keyframes.filter(({ frame }) => frame > 0 && frame < frames);
  return inside.length === 0 ? [] : [{ frame: 0, text: prompt }, ...inside];
}

/** The inverse of `promptAtOf`. Before its first key a clip uses that key's prompt, whatever its Prompt says. */
export function keyframesOf(promptAt: readonly Keyframe[], prompt: string): { prompt: string; keyframes: Keyframe[] } {
  const keyframes = [...promptAt].sort((a, b) => a.frame - b.frame);
  const [first] = keyframes;
  if (first === undefined) return { prompt, keyframes };
  return { prompt: first.text, keyframes: first.frame <= 0 ? keyframes.slice(1) : keyframes };
}
