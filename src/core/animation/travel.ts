/** Prompt travel: prompts at key frames, their embeddings interpolated linearly between them and constant outside. */

import { type Easing, eased } from "./easing.ts";

/** A frame's place between two keys: mix 0 is key `from`, mix 1 is key `to`. */
export interface TravelPoint {
  readonly from: number;
  readonly to: number;
  readonly mix: number;
}

/**
 * @param keyFrames at least one, in any order; of several keys on one frame the first leads up to it and the last away from it
 * @returns indices into `keyFrames`; before the first key and from the last one on, `from` and `to` are that key
 */
export function travelAt(keyFrames: readonly number[], frame: number): TravelPoint {
  const order = keyFrames.map((_, key) => key).sort((a, b) => keyFrames[a]! - keyFrames[b]! || a - b);
  const next = order.findIndex((key) => keyFrames[key]! >= frame);
  const to = order.at(next)!; // -1, no key at or after the frame: the last one
  if (next <= 0) return { from: to, to, mix: 0 };
  const from = order[next - 1]!;
  return { from, to, mix: (frame - keyFrames[from]!) / (keyFrames[to]! - keyFrames[from]!) };
}

export interface TravelKey {
  readonly frame: number;
  /** Embeddings of any shape, [77 · chunks, C]; all keys have the same. */
  readonly embedding: Float32Array;
  /** Of the way to this key. Absent: linear. */
  readonly easing?: Easing;
}

/** The keys of a closed loop: the last leads on to the first of the next round. @param keys at least one, in order of their frames */
export function keysRound(keys: readonly TravelKey[], frames: number): TravelKey[] {
  const [first, last] = [keys[0]!, keys.at(-1)!];
  return [{ ...last, frame: last.frame - frames }, ...keys, { ...first, frame: first.frame + frames }];
}

/** The embeddings of every frame, one after another: [frames, 77 · chunks, C]. At least one key. */
export function interpolateEmbeddings(keys: readonly TravelKey[], frames: number): Float32Array<ArrayBuffer> {
  const size = keys[0]?.embedding.length ?? 0;
  const keyFrames = keys.map((key) => key.frame);
  const result = new Float32Array(frames * size);
  for (let frame = 0; frame < frames; frame++) {
    const { from, to, mix: even } = travelAt(keyFrames, frame);
    const mix = eased(even, keys[to]!.easing ?? "linear");
    const [a, b] = [keys[from]!.embedding, keys[to]!.embedding];
    const at = frame * size;
    for (let i = 0; i < size; i++) result[at + i] = a[i]! + mix * (b[i]! - a[i]!);
  }
  return result;
}
