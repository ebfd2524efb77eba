/** Layers that see some frames or places at a time, so that what is widest in them is in memory for those only. */

import type { Value } from "./graph.ts";
import { concat, reshape, split } from "./ops.ts";

/**
 * `layer` on equal pieces of the inputs' first axis, one piece after the other, as many as `maxHidden` of the graph's style asks for.
 * @param inputs [N, ...] each, the same N
 * @param hidden values in the widest thing that the layer makes of one of N
 * @param layer keeps the length of the first axis
 */
export function inTurn(inputs: readonly Value[], hidden: number, layer: (pieces: readonly Value[]) => Value): Value {
  const [first] = inputs as [Value];
  const length = first.dim(0);
  const { maxHidden, turns } = first.graph.style;
  const pieces = pieceCount(length, hidden, maxHidden ?? Number.POSITIVE_INFINITY);
  if (turns === "apart") return written(inputs, pieces, layer);
  if (pieces === 1) return layer(inputs);
  const each = length / pieces;
  const y = first.graph.scan(
    inputs.map((x) => reshape(x, [pieces, each, ...x.shape.slice(1)])),
    layer,
  );
  return reshape(y, [length, ...y.shape.slice(2)]);
}

/** Nothing of a piece stays but its result. */
function written(inputs: readonly Value[], pieces: number, layer: (pieces: readonly Value[]) => Value): Value {
  const { graph } = inputs[0]!;
  if (pieces === 1) return graph.apart(() => layer(inputs));
  const cut = inputs.map((x) => split(x, pieces, 0));
  return concat(
    Array.from({ length: pieces }, (_, i) => graph.apart(() => layer(cut.map((x) => x[i]!)))),
    0,
  );
}

/** The fewest equal pieces of `length` in which no more than `most` values are alive; at most `length`. */
function pieceCount(length: number, hidden: number, most: number): number {
  for (let pieces = 1; pieces < length; pieces++) {
    if (length % pieces === 0 && (length / pieces) * hidden <= most) return pieces;
  }
  return length;
}
