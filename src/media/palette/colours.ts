/** Colours as numbers, 0xBBGGRR: RGBA pixels without alpha, read as little-endian words as on every machine that runs a browser. */

export type Colour = number;

export const rgbMask = 0xffffff;

/** RGBA bytes as one number per pixel, over the same memory. */
export function pixelsOf(rgba: Uint8ClampedArray | Uint8Array): Uint32Array {
  return new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.byteLength >> 2);
}

export function red(colour: Colour): number {
  return colour & 0xff;
}

export function green(colour: Colour): number {
  return (colour >> 8) & 0xff;
}

export function blue(colour: Colour): number {
  return (colour >> 16) & 0xff;
}

/** Each 0-255. */
export function colourOf(r: number, g: number, b: number): Colour {
  return r | (g << 8) | (b << 16);
}

/** Squared distance in RGB, 0-195075. */
export function distance(a: Colour, b: Colour): number {
  const r = (a & 0xff) - (b & 0xff);
  const g = ((a >> 8) & 0xff) - ((b >> 8) & 0xff);
  const bl = ((a >> 16) & 0xff) - ((b >> 16) & 0xff);
  return r * r + g * g + bl * bl;
}

/** Palettes as tables of RGB triples. */
export function tableOf(palette: Uint32Array): Uint8Array {
  return Uint8Array.from({ length: 3 * palette.length }, (_, i) => (palette[Math.floor(i / 3)]! >> (8 * (i % 3))) & 0xff);
}
