/**
 * Overlapping windows for clips that are longer than a motion module can see at once. There are two ways: plain windows over the
 * whole network, or FreeNoise (Qiu et al. 2023, as in diffusers), which applies windows only to the attention of temporal blocks.
 */

import { ZoetropeError } from "../errors.ts";

/** Frames [start, end) of the clip. In a closed loop `end` may lie beyond the clip, whose frames then go on from the first. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/**
 * Windows of `length` frames, neighbours sharing `overlap`, the last one moved back to end with the clip. Predictions of frames in
 * several windows are averaged by `windowWeights`; positions count from 0 in each window. A clip that fits is one window.
 * @throws ZoetropeError `windows/length`, `windows/overlap`
 */
export function slidingWindows(frames: number, length: number, overlap: number): Window[] {
  const stride = checkedStride(length, length - overlap);
  if (frames <= length) return [{ start: 0, end: frames }];
  const count = Math.ceil((frames - length) / stride) + 1;
  return Array.from({ length: count }, (_, k) => {
    const start = Math.min(k * stride, frames - length);
    return { start, end: start + length };
  });
}

/**
 * Windows of a closed loop: evenly spaced round the clip, the last ones running into its first frames, all moved on by `shift`. A clip
 * that fits is one window that begins at `shift`. Moved from step to step, no pair of neighbours is always a window's end (as in
 * AnimateDiff-Evolved's closed loop, and for one window in Mobius, Bi et al. 2025, arXiv 2502.20307).
 * @throws ZoetropeError `windows/length`, `windows/overlap`
 */
export function loopWindows(frames: number, length: number, overlap: number, shift: number): Window[] {
  const stride = checkedStride(length, length - overlap);
  const seen = Math.min(frames, length);
  const count = frames <= length ? 1 : Math.ceil(frames / stride);
  return Array.from({ length: count }, (_, k) => {
    const start = (Math.round((k * frames) / count) + shift) % frames;
    return { start, end: start + seen };
  });
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** How far a closed loop's windows are moved at a call of the network: spread over the clip as evenly as for any number of calls. */
export function loopShift(call: number, frames: number): number {
  return Math.floor(((call * GOLDEN) % 1) * frames);
}

/** The window's part of data that holds `each` numbers a frame; a view where it does not run over the clip's end. */
export function framesIn({ start, end }: Window, data: Float32Array, each: number): Float32Array {
  const frames = data.length / each;
  if (end <= frames) return data.subarray(start * each, end * each);
  const part = new Float32Array((end - start) * each);
  part.set(data.subarray(start * each));
  part.set(data.subarray(0, (end - frames) * each), (frames - start) * each);
  return part;
}

export type WindowWeights = "flat" | "pyramid" | "delayed_reverse_sawtooth";

/**
 * What each frame of a window counts where windows overlap, before division by the sum. "pyramid": 1, 2, …, 2, 1;
 * "delayed_reverse_sawtooth": next to nothing up to the middle, then n, …, 2, 1. As in diffusers and AnimateDiff-Evolved.
 */
export function windowWeights(length: number, scheme: WindowWeights): number[] {
  const pyramid = Array.from({ length }, (_, i) => Math.min(i + 1, length - i));
  switch (scheme) {
    case "flat":
      return pyramid.map(() => 1);
    case "pyramid":
      return pyramid;
    case "delayed_reverse_sawtooth":
      return pyramid.map((weight, i) => (i < Math.ceil(length / 2) - 1 ? 0.01 : weight));
  }
}

/** A window of FreeNoise with what each of its frames contributes to the result: result = Σ weight · window. */
export interface WeightedWindow extends Window {
  readonly weights: Float32Array;
}

/**
 * Windows of `length` frames at every `stride`, blended by `windowWeights`, divided by their sum per frame. Frames behind the last whole window come from one more window that ends with the clip and contributes to no others.
 *
 * `tail` is how those last n frames are divided. "diffusers": all by the first one's weight, which is what that library computes and
 * which lets them fade (2/3, 1/3 of a state for the last two of three); "even": each by its own, so that every state is whole.
 * @throws ZoetropeError `windows/length`, `windows/overlap`
 */
export function freeNoiseWindows(
  frames: number,
  length: number,
  stride: number,
  scheme: WindowWeights,
  tail: "diffusers" | "even",
): WeightedWindow[] {
  checkedStride(length, stride);
  if (frames <= length) return [{ start: 0, end: frames, weights: new Float32Array(frames).fill(1) }];
  const shares = windowWeights(length, scheme);
  const starts = Array.from({ length: Math.floor((frames - length) / stride) + 1 }, (_, k) => k * stride);
  const total = new Float32Array(frames);
  for (const start of starts) {
    for (const [i, weight] of shares.entries()) total[start + i]! += weight;
  }
  const whole = starts.map((start) => ({
    start,
    end: start + length,
    weights: Float32Array.from(shares, (weight, i) => weight / total[start + i]!),
  }));
  const left = frames - whole.at(-1)!.end;
  if (left === 0) return whole;
  const first = length - left;
  const last = Float32Array.from(shares, (weight, i) => {
    if (i < first) return 0;
    return tail === "even" ? 1 : weight / shares[first]!;
  });
  return [...whole, { start: frames - length, end: frames, weights: last }];
}

/**
 * FreeNoise's windows round a closed loop: evenly spaced, those at the end running into the first frames, blended by `windowWeights`.
 * @param stride at most `length`; half of it at most where no frame shall count only as a window's first or last
 * @throws ZoetropeError `windows/length`, `windows/overlap`
 */
export function loopFreeNoiseWindows(frames: number, length: number, stride: number, scheme: WindowWeights): WeightedWindow[] {
  checkedStride(length, stride);
  const count = Math.ceil(frames / stride);
  const shares = windowWeights(length, scheme);
  const starts = Array.from({ length: count }, (_, k) => Math.round((k * frames) / count));
  const total = new Float32Array(frames);
  for (const start of starts) for (const [i, weight] of shares.entries()) total[(start + i) % frames]! += weight;
  return starts.map((start) => ({
    start,
    end: start + length,
    weights: Float32Array.from(shares, (weight, i) => weight / total[(start + i) % frames]!),
  }));
}

/**
 * FreeNoise's noise rescheduling: for each frame of the clip, the frame of the drawn noise that it starts from. The first `length` frames keep
 * theirs; later ones repeat them, shuffled within strides.
 * @param randperm the numbers below n in random order (`TorchGenerator.randperm`), drawn after the noise itself
 */
export function freeNoiseOrder(frames: number, length: number, stride: number, randperm: (n: number) => number[]): number[] {
  checkedStride(length, stride);
  const order = Array.from({ length: frames }, (_, frame) => frame);
  for (let to = length; to < frames; to += stride) {
    for (const [i, k] of randperm(stride).entries()) {
      if (to + i < frames) order[to + i] = order[to - length + k]!;
    }
  }
  return order;
}

function checkedStride(length: number, stride: number): number {
  if (!Number.isInteger(length) || length < 1) {
    throw new ZoetropeError("windows/length", {
      message: `A window must hold a whole number of frames, at least 1; it holds ${length}.`,
      hint: "16 is what most motion modules were trained on.",
    });
  }
  if (!Number.isInteger(stride) || stride < 1 || stride > length) {
    throw new ZoetropeError("windows/overlap", {
      message: `Windows of ${length} frames can share 0 to ${length - 1} frames; ${length - stride} were asked for.`,
      hint: "A quarter of the window is usual.",
    });
  }
  return stride;
}
