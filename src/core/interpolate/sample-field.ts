/** Values of pictures and motion fields between their points, bilinear. */

import { BLOCK_STEP, type MotionField, type Picture } from "./motion-field.ts";

/** Between the centres of blocks, bilinear. */
export function vectorAt({ rows, columns, vectors }: MotionField, x: number, y: number): readonly [number, number] {
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
export function colourAt({ width, height, data }: Picture, x: number, y: number, into: Float32Array): void {
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
