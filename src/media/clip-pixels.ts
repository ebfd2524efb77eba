/**
 * A picture as CLIP's image encoder takes it: the shorter side scaled to the encoder's, the middle cut out, colours normalised.
 * Follows transformers' CLIPImageProcessor.
 */

import { resizeBicubic } from "./resize-bicubic.ts";
import type { RgbPicture } from "./rgb-picture.ts";

const MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const DEVIATION = [0.26862954, 0.26130258, 0.27577711] as const;

/** [3, side, side] */
export function clipPixels(picture: RgbPicture, side: number): Float32Array {
  const { width, height, rgb } = shorterSideTo(picture, side);
  const [top, left] = [Math.floor((height - side) / 2), Math.floor((width - side) / 2)];
  const pixels = new Float32Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = 3 * ((top + y) * width + left + x);
      for (let c = 0; c < 3; c++) pixels[(c * side + y) * side + x] = (rgb[from + c]! / 255 - MEAN[c]!) / DEVIATION[c]!;
    }
  }
  return pixels;
}

function shorterSideTo(picture: RgbPicture, side: number): RgbPicture {
  const { width, height } = picture;
  const longer = (length: number) => Math.floor((side * length) / Math.min(width, height));
  return resizeBicubic(picture, width <= height ? side : longer(width), width <= height ? longer(height) : side);
}
