/** Converts model pixels to 8-bit RGBA. */

/** pixels [3, H, W] in [-1, 1] -> RGBA, rounded to nearest as diffusers does. */
export function toRgba(pixels: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const area = pixels.length / 3;
  const rgba = new Uint8ClampedArray(area * 4);
  for (let i = 0; i < area; i++) {
    // A Uint8ClampedArray rounds and clamps the values stored into it.
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = (pixels[c * area + i]! / 2 + 0.5) * 255;
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}
