/**
 * Opaque pixels as the data of an 8-bit truecolour PNG: each row by the filter that leaves least (PNG specification, third
 * edition, section 9, and the heuristic of section 12.7), then deflated.
 */
import { zlibSync } from "fflate";
import { paeth } from "./unfilter.ts";

const filterCount = 5;
/** Bytes of a pixel: the distance to the neighbour on the left. */
const step = 3;

/** @param rgb width × height × 3 */
export function pictureData(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const rowBytes = step * width;
  const out = new Uint8Array((1 + rowBytes) * height);
  const filtered = Array.from({ length: filterCount }, () => new Uint8Array(rowBytes));
  let above: Uint8Array = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const row = rgb.subarray(y * rowBytes, (y + 1) * rowBytes);
    const best = filterRow(row, above, filtered);
    out[y * (1 + rowBytes)] = best;
    out.set(filtered[best]!, y * (1 + rowBytes) + 1);
    above = row;
  }
  return zlibSync(out, { level: 6 });
}

/** Fills all five renditions of a row; @returns the one whose bytes, as signed numbers, are smallest together. */
function filterRow(row: Uint8Array, above: Uint8Array, [none, sub, up, average, nearest]: readonly Uint8Array[]): number {
  const sums = new Float64Array(filterCount);
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    const left = i < step ? 0 : row[i - step]!;
    const over = above[i]!;
    const corner = i < step ? 0 : above[i - step]!;
    sums[0]! += put(none!, i, value);
    sums[1]! += put(sub!, i, value - left);
    sums[2]! += put(up!, i, value - over);
    sums[3]! += put(average!, i, value - ((left + over) >> 1));
    sums[4]! += put(nearest!, i, value - paeth(left, over, corner));
  }
  return sums.indexOf(Math.min(...sums));
}

/** Stores a difference as a byte; @returns how far from zero that is. */
function put(row: Uint8Array, i: number, difference: number): number {
  const byte = difference & 0xff;
  row[i] = byte;
  return byte < 128 ? byte : 256 - byte;
}
