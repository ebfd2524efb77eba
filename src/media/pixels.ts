/** Converts model pixels to 8-bit RGBA, and back. */

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

/** RGBA of an opaque picture, 8 bit -> [3, H, W] in [-1, 1] */
export function toPlanes(rgba: Uint8ClampedArray): Float32Array {
  const area = rgba.length / 4;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    return (rgba[4 * (i % area) + Math.floor(i / area)]! / 255) * 2 - 1;
  });
}
