/**
 * Products of activations with stored weights, in the form that the graph's style asks for. Changing a weight's layout here costs
 * nothing at run time: onnxruntime computes what is made of weights alone when it opens the session.
 */

import type { BlockSize } from "./encodings.ts";
import type { Value } from "./graph.ts";
import { concat, matching, matMulNBits, matmul, pad, reshape, split } from "./ops.ts";

/** A linear layer's weight, K inputs and N outputs. */
export type Matrix =
  | { readonly stored: "whole" /** [K, N] */; readonly values: Value }
  | {
      readonly stored: "blocks";
      /** [N, K/block, block·bits/8], see encodings.ts */
      readonly packed: Value;
      /** [N·K/block] */
      readonly scale: Value;
      readonly k: number;
      readonly n: number;
      readonly bits: 4 | 8;
      readonly block: BlockSize;
    };

/** Products with quantised weights can add the bias themselves. */
export function addsBias({ graph }: Value, { stored }: Pick<Matrix, "stored">): boolean {
  return stored === "blocks" && graph.style.forms?.biasInProduct === true;
}

/** x [..., K] -> [..., N], plus a bias [N] if there is one, which only products that pass `addsBias` take. */
export function product(x: Value, matrix: Matrix, bias: Value | null = null): Value {
  if (matrix.stored === "whole") return matmul(x, matching(x, matrix.values));
  const { forms, accuracy } = x.graph.style;
  const { packed, scale, k, n, bits, block } = forms?.alignedRows === undefined ? matrix : aligned(matrix, forms.alignedRows);
  const last = x.shape.length - 1;
  const none = x.shape.map(() => 0);
  const padded = k === x.dim(-1) ? x : pad(x, none, none.with(last, k - x.dim(-1)));
  const level = accuracy?.(k, n) ?? 4;
  return matMulNBits(padded, packed, matching(x, scale), { k, n, bits, block, accuracy: level }, bias && matching(x, bias));
}

/** One product with several matrices of the same inputs. @returns the result of each. x [..., K] */
export function jointProduct(x: Value, matrices: readonly Matrix[]): Value[] {
  return split(product(x, besideEachOther(matrices)), matrices.length, -1);
}

/** Matrices of the same size as one of all their outputs. */
function besideEachOther(matrices: readonly Matrix[]): Matrix {
  const [first] = matrices as [Matrix];
  if (first.stored === "whole") return { stored: "whole", values: concat(matrices.map(wholeValues), 1) };
  return {
    ...first,
    n: first.n * matrices.length,
    packed: concat(matrices.map(packedValues), 0),
    scale: concat(matrices.map(scales), 0),
  };
}

/** Quantised matrices of the same size as one of all their inputs; K must be whole blocks. */
export function stacked(matrices: readonly Matrix[]): Matrix {
  const [first] = matrices as [Matrix];
  if (first.stored === "whole") return { stored: "whole", values: concat(matrices.map(wholeValues), 0) };
  const { n, k, block } = first;
  const blocks = Math.ceil(k / block);
  const scale = concat(
    matrices.map((matrix) => reshape(scales(matrix), [n, blocks])),
    1,
  );
  return {
    ...first,
    k: blocks * block * matrices.length,
    packed: concat(matrices.map(packedValues), 1),
    scale: reshape(scale, [n * blocks * matrices.length]),
  };
}

type Blocks = Extract<Matrix, { stored: "blocks" }>;

/** The matrix with blocks of zeros behind every row, so that K is a multiple of `multiple`. */
function aligned(matrix: Blocks, multiple: number): Blocks {
  const { packed, scale, k, n, block } = matrix;
  const rest = (multiple - (k % multiple)) % multiple;
  if (rest === 0 || k % block !== 0 || rest % block !== 0) return matrix;
  const [before, more] = [k / block, rest / block];
  // Where a scale is 0, any packed value decodes to 0.
  return {
    ...matrix,
    k: k + rest,
    packed: pad(packed, [0, 0, 0], [0, more, 0]),
    scale: reshape(pad(reshape(scale, [n, before]), [0, 0], [0, more]), [n * (before + more)]),
  };
}

function wholeValues(matrix: Matrix): Value {
  if (matrix.stored !== "whole") throw new TypeError("matrices that are joined must be stored alike");
  return matrix.values;
}

function blocksOf(matrix: Matrix): Blocks {
  if (matrix.stored !== "blocks") throw new TypeError("matrices that are joined must be stored alike");
  return matrix;
}

function packedValues(matrix: Matrix): Value {
  return blocksOf(matrix).packed;
}

function scales(matrix: Matrix): Value {
  return blocksOf(matrix).scale;
}
