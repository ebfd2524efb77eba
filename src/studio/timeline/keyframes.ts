/**
 * Prompts on the timeline: the Prompt field holds from the first frame, each keyframe from its own frame on. The engine takes
 * all of them as one list (`promptAt`) and interpolates their text conditioning in between.
 */
import type { RenderSettings } from "../../protocol/render.ts";

export type Keyframe = RenderSettings["promptAt"][number];

/** With `keyframe` in its place; one that stands on the same frame gives way. */
export function withKeyframe(keyframes: readonly Keyframe[], keyframe: Keyframe): Keyframe[] {
  return [...withoutKeyframe(keyframes, keyframe.frame), keyframe].sort((a, b) => a.frame - b.frame);
}

export function withoutKeyframe(keyframes: readonly Keyframe[], frame: number): Keyframe[] {
  return keyframes.filter((keyframe) => keyframe.frame !== frame);
}

/** The frame nearest to `wanted` that a keyframe may move to from `from`: not the first, which is the Prompt's, and not another's. */
export function freeFrame(keyframes: readonly Keyframe[], from: number, wanted: number, frames: number): number {
  const target = Math.max(1, Math.min(frames - 1, wanted));
  const step = Math.sign(target - from);
  const taken = (frame: number) => frame !== from && keyframes.some((keyframe) => keyframe.frame === frame);
  let frame = target;
  while (frame !== from && taken(frame)) frame -= step;
  return frame;
}

/** What the engine is asked: nothing while there are no keyframes within the clip, else all of them with the Prompt on frame 0. */
export function promptAtOf(prompt: string, keyframes: readonly Keyframe[], frames: number): Keyframe[] {
  const inside = keyframes.filter(({ frame }) => frame > 0 && frame < frames);
  return inside.length === 0 ? [] : [{ frame: 0, text: prompt }, ...inside];
}

/** The way back: before its first key a clip shows that key's prompt, whatever its Prompt says. */
export function keyframesOf(promptAt: readonly Keyframe[], prompt: string): { prompt: string; keyframes: Keyframe[] } {
  const keyframes = [...promptAt].sort((a, b) => a.frame - b.frame);
  const [first] = keyframes;
  if (first === undefined) return { prompt, keyframes };
  return { prompt: first.text, keyframes: first.frame <= 0 ? keyframes.slice(1) : keyframes };
}
