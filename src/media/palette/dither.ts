/** Maps pixels to palette indices: to the nearest colour, or dithered, so that the eye mixes intermediate colours. */
import { blue, distance, green, red, rgbMask } from "./colours.ts";
import type { NearestColour } from "./nearest-colour.ts";

/** "ordered": a fixed pattern, which does not flicker and compresses well. "diffusion": Floyd and Steinberg 1976. */
export type Dither = "none" | "ordered" | "diffusion";

/** @param pixels width × height colours */
export function toIndices(pixels: Uint32Array, width: number, nearest: NearestColour, dither: Dither): Uint8Array {
  switch (dither) {
    case "none":
      return undithered(pixels, nearest);
    case "ordered":
      return ordered(pixels, width, nearest);
    case "diffusion":
      return diffused(pixels, width, nearest);
  }
}

function undithered(pixels: Uint32Array, nearest: NearestColour): Uint8Array {
  const indices = new Uint8Array(pixels.length);
  let last = -1;
  let lastIndex = 0;
  for (let i = 0; i < pixels.length; i++) {
    const colour = pixels[i]! & rgbMask;
    if (colour !== last) {
      last = colour;
      lastIndex = nearest.indexOf(colour);
    }
    indices[i] = lastIndex;
  }
  return indices;
}

/** Thresholds of an 8 × 8 Bayer matrix, -0.5 to 0.5. */
const bayer = Float32Array.from({ length: 64 }, (_, i) => {
  const [x, y] = [i & 7, i >> 3];
  let value = 0;
  for (let bit = 0; bit < 3; bit++) {
    // The lowest bits of the coordinates become the highest of the value: x ^ y, then y.
    value = (value << 2) | ((((x ^ y) >> bit) & 1) << 1) | ((y >> bit) & 1);
  }
  return (value + 0.5) / 64 - 0.5;
});

function ordered(pixels: Uint32Array, width: number, nearest: NearestColour): Uint8Array {
  const spread = paletteSpacing(nearest.palette);
  const offsets = Int16Array.from(bayer, (threshold) => Math.round(threshold * spread));
  const indices = new Uint8Array(pixels.length);
  for (let i = 0, x = 0, y = 0; i < pixels.length; i++) {
    const offset = offsets[((y & 7) << 3) | (x & 7)]!;
    const colour = pixels[i]!;
    indices[i] = nearest.indexOf(
      clamp(red(colour) + offset) | (clamp(green(colour) + offset) << 8) | (clamp(blue(colour) + offset) << 16),
    );
    if (++x === width) {
      x = 0;
      y += 1;
    }
  }
  return indices;
}

/** The step that dithering has to bridge: the mean distance along one axis from a palette colour to its nearest neighbour. */
function paletteSpacing(palette: Uint32Array): number {
  let sum = 0;
  for (const colour of palette) {
    let least = Number.POSITIVE_INFINITY;
    for (const other of palette) if (other !== colour) least = Math.min(least, distance(colour, other));
    sum += Number.isFinite(least) ? Math.sqrt(least / 3) : 0;
  }
  return sum / palette.length;
}

/** Passes errors on in whole sixteenths, through rows that alternate in direction. */
function diffused(pixels: Uint32Array, width: number, nearest: NearestColour): Uint8Array {
  const { palette } = nearest;
  const indices = new Uint8Array(pixels.length);
  // Three channels, with one spare place at both ends.
  let here = new Float32Array(3 * (width + 2));
  let below = new Float32Array(3 * (width + 2));
  for (let row = 0, y = 0; row < pixels.length; row += width, y++) {
    const step = y % 2 === 0 ? 1 : -1;
    for (let x = step === 1 ? 0 : width - 1; x >= 0 && x < width; x += step) {
      const colour = pixels[row + x]!;
      const at = 3 * (x + 1);
      const r = clamp(Math.round(red(colour) + here[at]! / 16));
      const g = clamp(Math.round(green(colour) + here[at + 1]! / 16));
      const b = clamp(Math.round(blue(colour) + here[at + 2]! / 16));
      const index = nearest.indexOf(r | (g << 8) | (b << 16));
      indices[row + x] = index;
      const chosen = palette[index]!;
      spread(here, below, at, step, r - red(chosen));
      spread(here, below, at + 1, step, g - green(chosen));
      spread(here, below, at + 2, step, b - blue(chosen));
    }
    [here, below] = [below, here.fill(0)];
  }
  return indices;
}

function spread(here: Float32Array, below: Float32Array, at: number, step: number, error: number): void {
  const ahead = at + 3 * step;
  const behind = at - 3 * step;
  here[ahead]! += 7 * error;
  below[behind]! += 3 * error;
  below[at]! += 5 * error;
  below[ahead]! += error;
}

function clamp(level: number): number {
  return level < 0 ? 0 : level > 255 ? 255 : level;
}
