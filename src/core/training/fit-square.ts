/** Fits a picture to the square that a model trains on: the middle square of it, resized with averaging so that nothing flickers. */

/** @param pixels [3, height, width]; @returns [3, side, side] */
export function fitSquare(pixels: Float32Array, width: number, height: number, side: number): Float32Array {
  const shorter = Math.min(width, height);
  const columns = axisWeights((width - shorter) / 2, shorter, width, side);
  const rows = axisWeights((height - shorter) / 2, shorter, height, side);
  const out = new Float32Array(3 * side * side);
  const band = new Float32Array(height * side);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (const [from, weight] of columns[x]!) sum += weight * pixels[(c * height + y) * width + from]!;
        band[y * side + x] = sum;
      }
    }
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (const [from, weight] of rows[y]!) sum += weight * band[from * side + x]!;
        out[(c * side + y) * side + x] = sum;
      }
    }
  }
  return out;
}

/** For each target pixel the source pixels and their shares: a triangle as wide as a target pixel, at least as a source pixel. */
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
