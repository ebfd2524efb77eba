/**
 * A picture decoded in tiles that overlap and are blended by linear ramps, as diffusers' AutoencoderKL.tiled_decode does, but with
 * tiles of one size, evenly spread: one graph serves them all. Each tile has its own norms, so tones may differ slightly.
 */

/** Part of a tile's side that it shares with the next one at least; diffusers' default. */
const OVERLAP = 0.25;

export interface LatentFrame {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Pixels on the side of one latent place. */
  readonly vaeFactor: number;
}

/** Sides of the tiles for a picture of this size. */
export function tileSize(
  { height, width }: Pick<LatentFrame, "height" | "width">,
  tile: number,
): { height: number; width: number } {
  return { height: Math.min(tile, height), width: Math.min(tile, width) };
}

/** The places at which tiles of `tile` places begin along `length`. */
export function tileStarts(length: number, tile: number): number[] {
  if (length <= tile) return [0];
  const stride = tile - Math.round(tile * OVERLAP);
  const gaps = Math.ceil((length - tile) / stride);
  return Array.from({ length: gaps + 1 }, (_, i) => Math.round((i * (length - tile)) / gaps));
}

/**
 * @param latents [C, h, w]
 * @param decode  one tile [C, th, tw] of `tileSize` -> [3, th · vaeFactor, tw · vaeFactor]
 * @returns [3, h · vaeFactor, w · vaeFactor]
 */
export async function decodeInTiles(
  latents: Float32Array,
  frame: LatentFrame,
  tile: number,
  decode: (tile: Float32Array) => Promise<Float32Array>,
): Promise<Float32Array> {
  const size = tileSize(frame, tile);
  const { vaeFactor } = frame;
  const [height, width] = [vaeFactor * frame.height, vaeFactor * frame.width];
  const [tileHeight, tileWidth] = [vaeFactor * size.height, vaeFactor * size.width];
  const pixels = new Float32Array(3 * height * width);
  const weights = new Float32Array(height * width);
  for (const top of tileStarts(frame.height, size.height)) {
    const rows = ramp(tileHeight, frame.height > size.height);
    for (const left of tileStarts(frame.width, size.width)) {
      const columns = ramp(tileWidth, frame.width > size.width);
      const decoded = await decode(cut(latents, frame, top, left, size));
      for (let y = 0; y < tileHeight; y++) {
        for (let x = 0; x < tileWidth; x++) {
          const weight = rows[y]! * columns[x]!;
          const at = (vaeFactor * top + y) * width + vaeFactor * left + x;
          weights[at]! += weight;
          for (let c = 0; c < 3; c++) pixels[c * height * width + at]! += weight * decoded[(c * tileHeight + y) * tileWidth + x]!;
        }
      }
    }
  }
  for (let i = 0; i < pixels.length; i++) pixels[i]! /= weights[i % weights.length]!;
  return pixels;
}

/** Rises over the overlap, falls over it at the other end. Never 0: at the picture's border a tile is alone. */
function ramp(pixels: number, shared: boolean): Float32Array {
  const overlap = pixels * OVERLAP;
  return Float32Array.from({ length: pixels }, (_, i) =>
    shared ? Math.min(1, (i + 0.5) / overlap, (pixels - i - 0.5) / overlap) : 1,
  );
}

/** [C, h, w] -> [C, th, tw] */
function cut(
  latents: Float32Array,
  { channels, height, width }: LatentFrame,
  top: number,
  left: number,
  size: { readonly height: number; readonly width: number },
): Float32Array {
  const tile = new Float32Array(channels * size.height * size.width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < size.height; y++) {
      const from = (c * height + top + y) * width + left;
      tile.set(latents.subarray(from, from + size.width), (c * size.height + y) * size.width);
    }
  }
  return tile;
}
