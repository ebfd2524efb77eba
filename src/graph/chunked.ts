/** Runs layers on a few frames or positions at a time, so that only those have their widest values in memory. */

import type { Value } from "./graph.ts";
import { concat, reshape, split } from "./ops.ts";
import { isolated, scan } from "./subgraphs.ts";

/**
 * Applies `layer` to equal chunks of the inputs' first axis, one after the other. `maxHidden` of the graph's style decides how many.
 * @param inputs [N, ...] each, the same N
 * @param hidden values per entry of the first axis in the layer's widest intermediate
 * @param layer keeps the length of the first axis
 */
export function chunked(inputs: readonly Value[], hidden: number, layer: (chunk: readonly Value[]) => Value): Value {
  const [first] = inputs as [Value];
  const length = first.dim(0);
  const { maxHidden, chunking } = first.graph.style;
  const count = chunkCount(length, hidden, maxHidden ?? Number.POSITIVE_INFINITY);
  if (chunking === "unrolled") {
    return sideBySide(inputs, count, (chunk) => isolated(first.graph, () => layer(chunk)));
  }
  if (count === 1) return layer(inputs);
  if (chunking === "inline") return sideBySide(inputs, count, layer);
  const chunks = inputs.map((x) => reshape(x, [count, length / count, ...x.shape.slice(1)]));
  const y = scan(chunks, layer);
  return reshape(y, [length, ...y.shape.slice(2)]);
}

function sideBySide(inputs: readonly Value[], count: number, layer: (chunk: readonly Value[]) => Value): Value {
  if (count === 1) return layer(inputs);
  const chunks = inputs.map((x) => split(x, count, 0));
  const results = Array.from({ length: count }, (_, i) => layer(chunks.map((x) => x[i]!)));
  return concat(results, 0);
}

/** The fewest equal chunks that keep no more than `most` values in memory at a time; `length` where none do. */
function chunkCount(length: number, hidden: number, most: number): number {
  for (let count = 1; count < length; count++) {
    if (length % count === 0 && (length / count) * hidden <= most) return count;
  }
  return length;
}
