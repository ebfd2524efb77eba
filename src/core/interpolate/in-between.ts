/**
 * Pictures between two frames, motion-compensated: both frames are moved towards the moment and mixed. What appears, vanishes, turns or
 * changes its shape has no counterpart to be found; there the mixture shows both frames at once, as a cross-fade does.
 */

import { BLOCK_STEP, type MotionField, motionField, type Picture } from "./motion-field.ts";

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

/** Between the centres of blocks, bilinear. */
function vectorAt({ rows, columns, vectors }: MotionField, x: number, y: number): readonly [number, number] {
  const [u, v] = [Math.min(columns - 1, x / BLOCK_STEP), Math.min(rows - 1, y / BLOCK_STEP)];
  const [c0, r0] = [Math.floor(u), Math.floor(v)];
  const [c1, r1] = [Math.min(columns - 1, c0 + 1), Math.min(rows - 1, r0 + 1)];
  const [s, t] = [u - c0, v - r0];
  const of = (axis: 0 | 1) => {
    const at = (r: number, c: number) => vectors[2 * (r * columns + c) + axis]!;
    return (1 - t) * ((1 - s) * at(r0, c0) + s * at(r0, c1)) + t * ((1 - s) * at(r1, c0) + s * at(r1, c1));
  };
  return [of(0), of(1)];
}

/** Between pixels, bilinear; the picture's edge goes on. */
function colourAt({ width, height, data }: Picture, x: number, y: number, into: Float32Array): void {
  const [u, v] = [Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y))];
  const [x0, y0] = [Math.floor(u), Math.floor(v)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [s, t] = [u - x0, v - y0];
  for (let c = 0; c < 3; c++) {
    const top = (1 - s) * data[3 * (y0 * width + x0) + c]! + s * data[3 * (y0 * width + x1) + c]!;
    const bottom = (1 - s) * data[3 * (y1 * width + x0) + c]! + s * data[3 * (y1 * width + x1) + c]!;
    into[c] = (1 - t) * top + t * bottom;
  }
}
