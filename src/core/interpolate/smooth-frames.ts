/** A clip with pictures in between, frame by frame as they come. */

import { inBetween, momentsOf } from "./in-between.ts";

type Rgba = Uint8ClampedArray<ArrayBuffer>;

export interface Smoothness {
  /** Pictures made of one: 1 leaves the clip as it is. */
  readonly factor: number;
  /** Also between the last and the first: for a loop without a seam. */
  readonly round: boolean;
}

export function smoothCount(frames: number, { factor, round }: Smoothness): number {
  if (frames < 2) return frames;
  return round ? frames * factor : (frames - 1) * factor + 1;
}

export class SmoothFrames {
  readonly #size: { readonly width: number; readonly height: number };
  readonly #smoothness: Smoothness;
  #first: Rgba | null = null;
  #last: Rgba | null = null;

  constructor(size: { readonly width: number; readonly height: number }, smoothness: Smoothness) {
    this.#size = size;
    this.#smoothness = smoothness;
  }

  /** @returns what leads up to the frame, then the frame. RGBA of the size given. */
  add(frame: Rgba): Rgba[] {
    const before = this.#last === null ? [] : this.#between(this.#last, frame);
    this.#first ??= frame;
    this.#last = frame;
    return [...before, frame];
  }

  /** What leads back to the first frame, after the last one. */
  end(): Rgba[] {
    const { round } = this.#smoothness;
    if (!round || this.#first === null || this.#last === null || this.#first === this.#last) return [];
    return this.#between(this.#last, this.#first);
  }

  #between(from: Rgba, to: Rgba): Rgba[] {
    const { width, height } = this.#size;
    return inBetween(from, to, width, height, momentsOf(this.#smoothness.factor));
  }
}
