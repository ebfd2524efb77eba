/** Multi-head attention over [batch, tokens, channels], fused into one operator or written out, as the device's self-test decided. */

import type { Value } from "./graph.ts";
import { add, concat, matmul, mul, multiHeadAttention, reshape, scalar, slice, softmax, transpose } from "./ops.ts";

/**
 * softmax(q kᵀ / sqrt(head size)) v, heads side by side along the channels.
 * @param q [B, S, C]
 * @param k [B, T, C]
 * @param v [B, T, C]
 * @param mask added to the scores, broadcastable to [B, heads, S, T]
 */
export function attention(q: Value, k: Value, v: Value, heads: number, mask: Value | null = null): Value {
  const { maxScores } = q.graph.style;
  if (maxScores !== undefined && mask === null) {
    const perQuery = heads * k.dim(1);
    if (q.dim(0) > 1 && q.dim(0) * q.dim(1) * perQuery > maxScores) {
      const each = Math.max(1, Math.floor(maxScores / (q.dim(1) * perQuery)));
      return inChunks(q, 0, each, (chunk, begin, end) =>
        attention(chunk, slice(k, 0, begin, end), slice(v, 0, begin, end), heads),
      );
    }
    if (q.dim(1) * perQuery > maxScores) {
      return inChunks(q, 1, Math.max(1, Math.floor(maxScores / perQuery)), (chunk) => attention(chunk, k, v, heads));
    }
  }
  if (q.graph.style.attention === "fused" && mask === null) {
    return multiHeadAttention(q, k, v, heads);
  }
  const size = q.dim(2) / heads;
  const scaled = mul(q, scalar(q, 1 / Math.sqrt(size)));
  const scores = matmul(splitHeads(scaled, heads, [0, 2, 1, 3]), splitHeads(k, heads, [0, 2, 3, 1])); // [B, heads, S, T]
  const weights = softmax(mask === null ? scores : add(scores, mask));
  const mixed = matmul(weights, splitHeads(v, heads, [0, 2, 1, 3])); // [B, heads, S, size]
  return reshape(transpose(mixed, [0, 2, 1, 3]), q.shape);
}

/** Computes chunks of the queries along one axis, one after the other, and joins the results. */
function inChunks(q: Value, axis: number, each: number, compute: (chunk: Value, begin: number, end: number) => Value): Value {
  const chunks: Value[] = [];
  for (let begin = 0; begin < q.dim(axis); begin += each) {
    const end = Math.min(q.dim(axis), begin + each);
    chunks.push(compute(slice(q, axis, begin, end), begin, end));
  }
  return concat(chunks, axis);
}

/** [B, S, heads·size] -> [B, S, heads, size] -> the given order of its axes */
function splitHeads(x: Value, heads: number, order: readonly number[]): Value {
  return transpose(reshape(x, [x.dim(0), x.dim(1), heads, x.dim(2) / heads]), order);
}
