/** Undoes the filters of a picture's rows (PNG specification, third edition, section 9). */
import { ZoetropeError } from "../../core/errors.ts";

/**
 * @param filtered `rows` rows, each a filter's number and its bytes
 * @param step bytes from a byte to its neighbour on the left
 * @returns the rows without their filters' numbers
 */
export function unfilter(filtered: Uint8Array, rows: number, step: number): Uint8Array {
  const width = filtered.length / rows - 1;
  const out = new Uint8Array(rows * width);
  for (let y = 0; y < rows; y++) {
    const from = y * (width + 1) + 1;
    const to = y * width;
    const predicted = PREDICTORS[filtered[from - 1]!];
    if (predicted === undefined) {
      throw new ZoetropeError("png/damaged", { message: "This PNG is damaged.", hint: "Download or copy the file again." });
    }
    for (let x = 0; x < width; x++) {
      const left = x < step ? 0 : out[to + x - step]!;
      const above = y === 0 ? 0 : out[to + x - width]!;
      const corner = x < step || y === 0 ? 0 : out[to + x - width - step]!;
      out[to + x] = filtered[from + x]! + predicted(left, above, corner);
    }
  }
  return out;
}

/** By the filter's number: none, sub, up, average, Paeth. */
const PREDICTORS: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/** Section 9.4: the neighbour closest to left + above - corner. */
export function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
