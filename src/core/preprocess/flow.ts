/**
 * The picture before, warped by optical flow to where its things are now: what temporal ControlNets such as TemporalNet are shown. The
 * flow is that of our interpolation (core/interpolate/motion-field.ts), seen from the later picture.
 */

import { motionField, type Picture } from "../interpolate/motion-field.ts";
import { colourAt, vectorAt } from "../interpolate/sample-field.ts";

/**
 * @param previous the picture before, [3, H, W] in [0, 1]
 * @param pixels the picture that it is warped to, [3, H, W] in [0, 1]
 */
export function warpedByFlow(previous: Float32Array, pixels: Float32Array, width: number, height: number): Float32Array {
  if (previous === pixels) return pixels;
  const from = interleaved(previous, width, height);
  const field = motionField(from, interleaved(pixels, width, height), 1);
  const area = width * height;
  const out = new Float32Array(3 * area);
  const colour = new Float32Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [vx, vy] = vectorAt(field, x, y);
      colourAt(from, x - vx, y - vy, colour);
      for (let c = 0; c < 3; c++) out[c * area + y * width + x] = colour[c]! / 255;
    }
  }
  return out;
}

/** [3, H, W] in [0, 1] -> [H, W, 3] in [0, 255] */
function interleaved(pixels: Float32Array, width: number, height: number): Picture {
  const area = width * height;
  return { width, height, data: Float32Array.from(pixels, (_, i) => 255 * pixels[(i % 3) * area + Math.floor(i / 3)]!) };
}
