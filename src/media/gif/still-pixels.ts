/**
 * Leaves out what need not be drawn again: pixels that already show the right colour (or one near enough) become transparent,
 * and the picture shrinks to the rectangle that changes.
 */
import { distance } from "../palette/colours.ts";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The indices of a frame, transparent where what is shown may stay.
 * @param wanted colours the frame should show
 * @param shown colours on the screen before it
 * @param tolerance squared distance in RGB within which a colour is near enough; where the new colour is farther off than
 *   the old one, the old one stays in any case
 */
export function withoutStill(
  indices: Uint8Array,
  wanted: Uint32Array,
  shown: Uint32Array,
  palette: Uint32Array,
  transparent: number,
  tolerance: number,
): Uint8Array {
  return indices.map((index, i) => {
    const old = shown[i]!;
    const next = palette[index]!;
    if (old === next) return transparent;
    const oldError = distance(old, wanted[i]!);
    return oldError <= tolerance || oldError <= distance(next, wanted[i]!) ? transparent : index;
  });
}

/** The smallest rectangle round everything that is not transparent; a single pixel where nothing is. */
export function changedRectangle(indices: Uint8Array, width: number, transparent: number): Rectangle {
  const height = indices.length / width;
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    const row = indices.subarray(y * width, (y + 1) * width);
    const first = row.findIndex((index) => index !== transparent);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(
      right,
      row.findLastIndex((index) => index !== transparent),
    );
    top = Math.min(top, y);
    bottom = y;
  }
  if (right < 0) return { x: 0, y: 0, width: 1, height: 1 };
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

export function crop(indices: Uint8Array, width: number, { x, y, width: w, height: h }: Rectangle): Uint8Array {
  if (w === width) return indices.subarray(y * width, (y + h) * width);
  const cropped = new Uint8Array(w * h);
  for (let row = 0; row < h; row++) {
    const from = (y + row) * width + x;
    cropped.set(indices.subarray(from, from + w), row * w);
  }
  return cropped;
}
