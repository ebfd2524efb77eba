/** Shapes of gradients: sums over what was broadcast, transposes, and the adjoint of nearest-neighbour resizing. */

import type { Value } from "../graph.ts";
import { matching, reshape, sum, transpose } from "../ops.ts";

/** Sums the gradient of a broadcast result over the axes that were repeated. */
export function sumTo(dy: Value, shape: readonly number[]): Value {
  const extra = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((length, axis) => (length > 1 && (axis < extra || shape[axis - extra] === 1) ? [axis] : []));
  return reshape(axes.length === 0 ? dy : sum(dy, axes), shape);
}

/** Swaps the last two axes. */
export function transposed(x: Value): Value {
  const rank = x.shape.length;
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, axes.with(-2, rank - 1).with(-1, rank - 2));
}

/** Matrix [from, to] of ones where nearest resizing copies row i of `from` to row j of `to`; in the type of x. */
export function nearestRows(x: Value, from: number, to: number): Value {
  const table = x.graph.floats(`nearest[${from},${to}]`, [from, to], () => {
    const ones = new Float32Array(from * to);
    for (let j = 0; j < to; j++) ones[Math.floor((j * from) / to) * to + j] = 1;
    return ones;
  });
  return matching(x, table);
}
