/**
 * Pictures between two frames, motion-compensated: both frames are moved towards the moment and mixed. What appears, vanishes, turns or
 * changes its shape has no counterpart to be found; there the mixture shows both frames at once, as a cross-fade does.
 */

import { type MotionField, motionField, type Picture } from "./motion-field.ts";
import { colourAt, vectorAt } from "./sample-field.ts";

/** RGBA of one size. */
type Rgba = Uint8ClampedArray<ArrayBuffer>;

/** @param moments in (0, 1), in order @returns one picture for each moment; opaque */
export function inBetween(from: Rgba, to: Rgba, width: number, height: number, moments: readonly number[]): Rgba[] {
  const [a, b] = [pictureOf(from, width, height), pictureOf(to, width, height)];
  return moments.map((at) => mixed(a, b, motionField(a, b, at), at));
}

/** The moments that make `factor` pictures of one. */
export function momentsOf(factor: number): number[] {
  return Array.from({ length: factor - 1 }, (_, i) => (i + 1) / factor);
}

function pictureOf(rgba: Rgba, width: number, height: number): Picture {
  return {
    width,
    height,
    data: Float32Array.from({ length: 3 * width * height }, (_, i) => rgba[4 * Math.floor(i / 3) + (i % 3)]!),
  };
}

function mixed(from: Picture, to: Picture, field: MotionField, at: number): Rgba {
  const { width, height } = from;
  const out = new Uint8ClampedArray(4 * width * height).fill(255);
  const [a, b] = [new Float32Array(3), new Float32Array(3)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [vx, vy] = vectorAt(field, x, y);
      colourAt(from, x - at * vx, y - at * vy, a);
      colourAt(to, x + (1 - at) * vx, y + (1 - at) * vy, b);
      for (let c = 0; c < 3; c++) out[4 * (y * width + x) + c] = (1 - at) * a[c]! + at * b[c]!;
    }
  }
  return out;
}
