/**
 * Bicubic resizing to the last bit as Pillow's `Image.resize(…, BICUBIC)` does it: a = -0.5, the kernel widened when it shrinks (no
 * aliasing), rows before columns, 8 bits between the two. Source: Pillow `Resample.c`.
 */

import type { RgbPicture } from "./rgb-picture.ts";

const SUPPORT = 2;
const SHARPNESS = -0.5;
/** Bits behind the point of the kernel's whole numbers. */
const FRACTION_BITS = 22;

export function resizeBicubic(picture: RgbPicture, width: number, height: number): RgbPicture {
  const wide = width === picture.width ? picture : alongRows(picture, width);
  if (height === wide.height) return wide;
  return transposed(alongRows(transposed(wide), height));
}

interface Taps {
  readonly first: number;
  /** Whole numbers that sum to about 2^22. */
  readonly weights: readonly number[];
}

function alongRows({ width, height, rgb }: RgbPicture, to: number): RgbPicture {
  const taps = tapsOf(width, to);
  const out = new Uint8Array(3 * to * height);
  for (let y = 0; y < height; y++) {
    for (const [x, { first, weights }] of taps.entries()) {
      for (let c = 0; c < 3; c++) {
        let sum = 2 ** (FRACTION_BITS - 1);
        for (const [i, weight] of weights.entries()) sum += weight * rgb[3 * (y * width + first + i) + c]!;
        out[3 * (y * to + x) + c] = Math.min(255, Math.max(0, Math.floor(sum / 2 ** FRACTION_BITS)));
      }
    }
  }
  return { width: to, height, rgb: out };
}

function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  const widened = Math.max(1, scale);
  const support = SUPPORT * widened;
  return Array.from({ length: to }, (_, x): Taps => {
    const centre = (x + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const weights = Array.from({ length: end - first }, (_, i) => cubic((first + i - centre + 0.5) / widened));
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => roundAwayFromZero((weight / total) * 2 ** FRACTION_BITS)) };
  });
}

function cubic(at: number): number {
  const x = Math.abs(at);
  if (x < 1) return ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * SHARPNESS : 0;
}

function roundAwayFromZero(x: number): number {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}

function transposed({ width, height, rgb }: RgbPicture): RgbPicture {
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) out[3 * (x * height + y) + c] = rgb[3 * (y * width + x) + c]!;
  return { width: height, height: width, rgb: out };
}
