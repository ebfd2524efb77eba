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

/**
 * scale · up (down x) for a linear. x [..., I] -> [..., O]
 * @param shape of the weight: [O, I], or [O, I, 1, 1] where the file has a 1×1 convolution, which its factors are then, too
 */
export function trainedProduct(key: string, x: Value, shape: readonly number[], { ranks, scale }: TrainedLayers): Value {
  const names = loraFactors(key);
  const rank = ranks.get(key)!;
  const [out, inputs, ...kernel] = shape as [number, number, ...number[]];
  const factor = (name: string, rows: number, columns: number) => {
    const stored = matching(x, x.graph.input(name, "float32", [rows, columns, ...kernel]));
    return transpose(reshape(stored, [rows, columns]), [1, 0]);
  };
  const y = matmul(matmul(x, factor(names.down, rank, inputs)), factor(names.up, out, rank));
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
