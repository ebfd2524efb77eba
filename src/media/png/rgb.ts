/** Converts opaque RGBA pixels to RGB: whole pictures or rectangles of them. */
import type { Rectangle } from "../rectangle.ts";

/** Copies a part of an RGBA picture that is `width` wide into an RGB one that is `toWidth` wide, with its corner at (toX, toY). */
export function copyRgb(
  rgba: Uint8ClampedArray,
  width: number,
  part: Rectangle,
  to: Uint8Array,
  toWidth: number,
  toX: number,
  toY: number,
): void {
  for (let row = 0; row < part.height; row++) {
    let from = 4 * ((part.y + row) * width + part.x);
    let at = 3 * ((toY + row) * toWidth + toX);
    for (let x = 0; x < part.width; x++, from += 4, at += 3) {
      to[at] = rgba[from]!;
      to[at + 1] = rgba[from + 1]!;
      to[at + 2] = rgba[from + 2]!;
    }
  }
}

export function rgbOf(rgba: Uint8ClampedArray, width: number, part: Rectangle): Uint8Array {
  const rgb = new Uint8Array(3 * part.width * part.height);
  copyRgb(rgba, width, part, rgb, part.width, 0, 0);
  return rgb;
}
