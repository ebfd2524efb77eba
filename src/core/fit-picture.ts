/** Fits a picture to the size that a model draws at: its middle, resized with averaging so that nothing flickers. */

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Picture extends Size {
  /** [3, height, width] */
  readonly pixels: Float32Array;
}

/**
 * The largest part of the wanted shape around the middle, resized.
 * @returns [3, size.height, size.width]
 */
export function fitPicture(picture: Picture, size: Size): Float32Array {
  const { pixels, width, height } = picture;
  if (width === size.width && height === size.height) return pixels;
  const scale = Math.min(width / size.width, height / size.height);
  const [cutWidth, cutHeight] = [scale * size.width, scale * size.height];
  const columns = axisWeights((width - cutWidth) / 2, cutWidth, width, size.width);
  const rows = axisWeights((height - cutHeight) / 2, cutHeight, height, size.height);
  const out = new Float32Array(3 * size.height * size.width);
  const band = new Float32Array(height * size.width);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < size.width; x++) {
        let sum = 0;
        for (const [from, weight] of columns[x]!) sum += weight * pixels[(c * height + y) * width + from]!;
        band[y * size.width + x] = sum;
      }
    }
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        let sum = 0;
        for (const [from, weight] of rows[y]!) sum += weight * band[from * size.width + x]!;
        out[(c * size.height + y) * size.width + x] = sum;
      }
    }
  }
  return out;
}

/**
 * For each target pixel the source pixels and their shares: a triangle as wide as a target pixel, at least as a source pixel.
 * @param start where the part begins along an axis of `size` pixels, and its `length` there; the target has `side` pixels
 */
function axisWeights(start: number, length: number, size: number, side: number): (readonly [from: number, weight: number])[][] {
  const scale = length / side;
  const reach = Math.max(1, scale);
  return Array.from({ length: side }, (_, target) => {
    const centre = start + (target + 0.5) * scale - 0.5;
    const near: [number, number][] = [];
    for (let from = Math.ceil(centre - reach); from <= Math.floor(centre + reach); from++) {
      const weight = 1 - Math.abs(from - centre) / reach;
      if (from >= 0 && from < size && weight > 0) near.push([from, weight]);
    }
    const total = near.reduce((sum, [, weight]) => sum + weight, 0);
    return near.map(([from, weight]) => [from, weight / total] as const);
  });
}
