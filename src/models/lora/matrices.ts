/** Products of small matrices, from which adapters rebuild the change of a weight. All are row-major fp32. */

import type { LowRankChange } from "../types.ts";

/** Adds the rows of a change that belong to `rows`, which begin at `firstRow` of the weight and have n elements each. */
export function addChange(rows: Float32Array, { up, down, rank, factor }: LowRankChange, firstRow: number, n: number): void {
  const count = rows.length / n;
  addProduct(rows, up.subarray(firstRow * rank, (firstRow + count) * rank), down, factor, rank, n);
}

/**
 * target [out, n] += factor × up [out, rank] · down [rank, n], four ranks at a time so that each target element is loaded
 * and rounded a quarter as often.
 */
export function addProduct(
  target: Float32Array,
  up: Float32Array,
  down: Float32Array,
  factor: number,
  rank: number,
  n: number,
): void {
  const outSize = target.length / n;
  for (let o = 0; o < outSize; o++) {
    const row = target.subarray(o * n, (o + 1) * n);
    let r = 0;
    for (; r + 4 <= rank; r += 4) {
      const a = factor * up[o * rank + r]!;
      const b = factor * up[o * rank + r + 1]!;
      const c = factor * up[o * rank + r + 2]!;
      const d = factor * up[o * rank + r + 3]!;
      const at = r * n;
      for (let i = 0; i < n; i++) {
        row[i]! += a * down[at + i]! + b * down[at + n + i]! + c * down[at + 2 * n + i]! + d * down[at + 3 * n + i]!;
      }
    }
    for (; r < rank; r++) {
      const a = factor * up[o * rank + r]!;
      for (let i = 0; i < n; i++) row[i]! += a * down[r * n + i]!;
    }
  }
}

/** a [rows, inner] · b [inner, columns] -> [rows, columns] */
export function product(a: Float32Array, b: Float32Array, rows: number, inner: number): Float32Array<ArrayBuffer> {
  const columns = b.length / inner;
  const out = new Float32Array(rows * columns);
  addProduct(out, a, b, 1, inner, columns);
  return out;
}

/** a [rows, columns] -> [columns, rows] */
export function transpose(a: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(a.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = a[r * columns + c]!;
  return out;
}

/** core [p, q, kh, kw], b [q, in] -> [p, in, kh, kw]: folds a Tucker core into the factor before it. */
export function foldCore(
  core: Float32Array,
  b: Float32Array,
  shape: readonly number[],
  inputs: number,
): Float32Array<ArrayBuffer> {
  const [p, q, ...kernel] = shape as [number, number, ...number[]];
  const places = kernel.reduce((a, side) => a * side, 1);
  const out = new Float32Array(p * inputs * places);
  for (let r = 0; r < p; r++) {
    for (let s = 0; s < q; s++) {
      const from = (r * q + s) * places;
      for (let i = 0; i < inputs; i++) {
        const value = b[s * inputs + i]!;
        const to = (r * inputs + i) * places;
        for (let k = 0; k < places; k++) out[to + k]! += value * core[from + k]!;
      }
    }
  }
  return out;
}

/** core [p, q, kh, kw], a [p, out], b [q, in] -> [out, in, kh, kw] */
export function tucker(
  core: Float32Array,
  a: Float32Array,
  b: Float32Array,
  shape: readonly number[],
  out: number,
  inputs: number,
): Float32Array<ArrayBuffer> {
  const p = shape[0]!;
  return product(transpose(a, p, out), foldCore(core, b, shape, inputs), out, p);
}

/** Kronecker product: a [o1, i1], b [o2, i2, places] -> [o1·o2, i1·i2, places] */
export function kronecker(
  a: Float32Array,
  b: Float32Array,
  [o1, i1]: readonly [number, number],
  [o2, i2, places]: readonly [number, number, number],
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(a.length * b.length);
  const run = i2 * places;
  for (let x = 0; x < o1; x++) {
    for (let y = 0; y < i1; y++) {
      const factor = a[x * i1 + y]!;
      for (let o = 0; o < o2; o++) {
        const to = ((x * o2 + o) * i1 + y) * run;
        const from = o * run;
        for (let k = 0; k < run; k++) out[to + k] = factor * b[from + k]!;
      }
    }
  }
  return out;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
