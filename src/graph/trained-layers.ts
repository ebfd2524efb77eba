/** Layers that training changes, with their weights or the two factors of a low-rank change (LoRA) as inputs of the graph. */

import type { TrainedLayers } from "../models/types.ts";
import type { Encoding } from "./encodings.ts";
import type { Graph, Value } from "./graph.ts";
import { type Convolution, conv2d, matching, matmul, mul, reshape, scalar, transpose } from "./ops.ts";

/** Names of a layer's two factors as inputs, PEFT's: down [R, I] or [R, I, kh, kw], up [O, R] or [O, R, 1, 1]. */
export function loraFactors(key: string): { readonly down: string; readonly up: string } {
  const path = key.replace(/\.weight$/, "");
  return { down: `${path}.lora_A.weight`, up: `${path}.lora_B.weight` };
}

/** A weight as an input in the layout that a layer asks for. Throws RangeError for quantised encodings, which have no gradient. */
export function trainedWeight(graph: Graph, key: string, shape: readonly number[], encoding: Encoding): Value {
  const weight = graph.input(key, "float32", shape);
  if (encoding.id === "f32") return weight;
  if (encoding.id === "f32t") return transpose(reshape(weight, shape.slice(0, 2)), [1, 0]);
  throw new RangeError(`${key} is trained, so it cannot be stored as ${encoding.id}`);
}

/** scale · up (down x) for a linear. x [..., I] -> [..., O] */
export function trainedProduct(key: string, x: Value, out: number, { ranks, scale }: TrainedLayers): Value {
  const names = loraFactors(key);
  const rank = ranks.get(key)!;
  const down = matching(x, x.graph.input(names.down, "float32", [rank, x.dim(-1)]));
  const up = matching(x, x.graph.input(names.up, "float32", [out, rank]));
  const y = matmul(matmul(x, transpose(down, [1, 0])), transpose(up, [1, 0]));
  return mul(y, scalar(y, scale));
}

/** The same for a convolution: down has the layer's kernel and geometry, up is 1×1. */
export function trainedConvolution(
  key: string,
  x: Value,
  [o, i, kh, kw]: readonly [number, number, number, number],
  geometry: Convolution,
  { ranks, scale }: TrainedLayers,
): Value {
  const names = loraFactors(key);
  const rank = ranks.get(key)!;
  const down = matching(x, x.graph.input(names.down, "float32", [rank, i, kh, kw]));
  const up = matching(x, x.graph.input(names.up, "float32", [o, rank, 1, 1]));
  const y = conv2d(conv2d(x, down, null, geometry), up, null, { stride: 1, padding: [0, 0, 0, 0] });
  return mul(y, scalar(y, scale));
}
