/**
 * OFT and BOFT turn a layer's outputs by rotations R = (I + Q)(I − Q)⁻¹, where Q = B − Bᵀ of the stored blocks B (Cayley's transform).
 * The norm of all Q together is at most alpha · out; an alpha of 0, or none, leaves it free. `rescale` multiplies each output after that.
 * OFT has one rotation for each run of `size` outputs: W'ₖ = Rₖᵀ · Wₖ. BOFT has several stages of them, each over outputs that lie
 * further apart. The strength multiplies W' − W, for BOFT, too, where LyCORIS blends every stage with I instead.
 * Source: Qiu et al. 2023 (arXiv 2306.07280), Liu et al. 2023 (arXiv 2311.06243), kohya-ss/sd-scripts `networks/oft.py`,
 * KohakuBlueleaf/LyCORIS `functional/diag_oft.py` and `functional/boft.py`. ComfyUI forgets the factor `out` of the limit.
 */

import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type Computed, misfitOf } from "../layer.ts";
import { sizeOf } from "../matrices.ts";

export function readOrthogonal({ name, tensors }: AdapterLayer): Computed | null {
  const { oft_blocks: blocks, alpha, rescale } = tensors;
  if (blocks === undefined) return null;
  const { shape: stored } = blocks.info;
  const butterfly = stored.length === 4;
  const [stages, count, size] = (butterfly ? stored : [1, ...stored]) as [number, number, number, number];
  const misfit = (shape: readonly number[]): string | null => {
    const [out = 1, inputs = 1] = shape;
    if (stored.length < 3 || stored.length > 4 || stored.at(-1) !== size) return "blocks of it are not square";
    const reach = butterfly ? 2 ** (stages - 1) * size : size;
    if ((butterfly && size % 2 === 1) || out % reach !== 0) return "blocks of it do not divide the model's outputs";
    const rescaled = rescale === undefined ? out : sizeOf(rescale.info.shape);
    return misfitOf([count * size, inputs], sizeOf(shape), shape) ?? misfitOf([rescaled, inputs], sizeOf(shape), shape);
  };
  const difference = async (original: Float32Array, [out = 1]: readonly number[]): Promise<Float32Array> => {
    const limit = alpha === undefined ? 0 : (await readFinite(alpha))[0]! * out;
    const skew = skewSymmetric(await readFinite(blocks), size, limit);
    const turned = Float32Array.from(original);
    const rowSize = original.length / out;
    for (let stage = 0; stage < stages; stage++) {
      for (let k = 0; k < count; k++) {
        const start = (stage * count + k) * size * size;
        const rotation = cayley(skew.subarray(start, start + size * size), size);
        const rows = butterfly ? butterflyRows(k, size, 2 ** stage) : runOfRows(k, size);
        // The transpose of a rotation is its inverse.
        rotate(turned, rowSize, rows, (to, from) => rotation[butterfly ? to * size + from : from * size + to]!);
      }
    }
    const factors = rescale === undefined ? null : await readFinite(rescale);
    return turned.map((value, i) => (factors === null ? value : value * factors[Math.floor(i / rowSize)]!) - original[i]!);
  };
  return { form: "computed", kind: butterfly ? "BOFT" : "OFT", layer: name, parameter: "weight", rank: null, misfit, difference };
}

/** Q = B − Bᵀ of each block, scaled down to the limit of their common norm where one is set. */
function skewSymmetric(blocks: Float32Array, size: number, limit: number): Float64Array {
  const skew = new Float64Array(blocks.length);
  let squares = 0;
  for (let start = 0; start < blocks.length; start += size * size) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const value = blocks[start + i * size + j]! - blocks[start + j * size + i]!;
        skew[start + i * size + j] = value;
        squares += value * value;
      }
    }
  }
  const norm = Math.sqrt(squares);
  return limit > 0 && norm > limit ? skew.map((value) => (value * limit) / norm) : skew;
}

/**
 * (I + Q)(I − Q)⁻¹ of a skew-symmetric Q [size, size], by Gauss' elimination of (I − Q) · R = I + Q: the two factors commute, and the
 * pivots of I − Q are at least 1, because its symmetric part is I.
 */
function cayley(skew: Float64Array, size: number): Float64Array {
  const left = skew.map((value, i) => (i % (size + 1) === 0 ? 1 : 0) - value);
  const right = skew.map((value, i) => (i % (size + 1) === 0 ? 1 : 0) + value);
  for (let p = 0; p < size; p++) {
    const pivot = left[p * size + p]!;
    for (let row = 0; row < size; row++) {
      const factor = left[row * size + p]! / pivot;
      if (row === p || factor === 0) continue;
      for (let j = p; j < size; j++) left[row * size + j]! -= factor * left[p * size + j]!;
      for (let j = 0; j < size; j++) right[row * size + j]! -= factor * right[p * size + j]!;
    }
  }
  return right.map((value, i) => value / left[Math.floor(i / size) * (size + 1)]!);
}

/** Block k covers `size` outputs in a row. */
function runOfRows(k: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => k * size + i);
}

/**
 * Block k covers size / 2 pairs of outputs; those of a pair lie `spread` · size / 2 apart. In the order of the pairs, outputs
 * [group, half, place] become [group, place, half].
 */
function butterflyRows(k: number, size: number, spread: number): number[] {
  const apart = (spread * size) / 2;
  return Array.from({ length: size }, (_, i) => {
    const pair = Math.floor((k * size + i) / 2);
    const half = i % 2;
    return (Math.floor(pair / apart) * 2 + half) * apart + (pair % apart);
  });
}

/** Replaces rows of a matrix by combinations of each other: row[to] = Σ coefficient(to, from) · row[from]. */
function rotate(
  matrix: Float32Array,
  rowSize: number,
  rows: readonly number[],
  coefficient: (to: number, from: number) => number,
): void {
  const before = rows.map((row) => matrix.slice(row * rowSize, (row + 1) * rowSize));
  const sum = new Float64Array(rowSize);
  for (const [to, row] of rows.entries()) {
    sum.fill(0);
    for (const [from, values] of before.entries()) {
      const factor = coefficient(to, from);
      for (let i = 0; i < rowSize; i++) sum[i]! += factor * values[i]!;
    }
    matrix.set(sum, row * rowSize);
  }
}
