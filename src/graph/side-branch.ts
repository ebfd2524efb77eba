/** Low-rank changes of layers as inputs of a graph, added to what the stored weights compute (models/lora/side-branch.ts). */

import { ANY_LENGTH } from "../formats/onnx/model.ts";
import { convolutionFactors, linearFactors } from "../models/lora/side-branch.ts";
import type { WeightSource } from "../models/types.ts";
import type { Graph, Value } from "./graph.ts";
import { type Convolution, conv2d, matching, matmul, mul, reshape } from "./ops.ts";

/** Input of graphs whose changes differ from frame to frame: [frames, factors]. Each rank of a change takes one of the factors. */
export const FRAME_FACTORS = "frame-factors";

/** A frame's factors in the layout of the layers' frames: [F, 1, L] where frames come first, [1, F, L] in the motion module. */
export type FrameFactors = Value;

/** null: the changes are the same in every frame. */
export function frameFactorsInput(
  graph: Graph,
  { frameFactors }: WeightSource,
  frames: number,
  axis: "frames-first" | "frames-second",
): FrameFactors | null {
  if (frameFactors === undefined) return null;
  const input = graph.input(FRAME_FACTORS, "float32", [frames, frameFactors]);
  return reshape(input, axis === "frames-first" ? [frames, 1, frameFactors] : [1, frames, frameFactors]);
}

/**
 * x [..., I] -> [..., O] through a rank that each run chooses: `KEY.down` [I, R], `KEY.up` [R, O]; with factors also `KEY.ranks`
 * [L, R], which has a 1 where a rank takes a factor.
 */
export function lowRankProduct(key: string, x: Value, input: number, out: number, factors: FrameFactors | null): Value {
  const names = linearFactors(key);
  const down = matching(x, x.graph.input(names.down, "float32", [input, ANY_LENGTH]));
  const up = matching(x, x.graph.input(names.up, "float32", [ANY_LENGTH, out]));
  const seen = matmul(x, down);
  if (factors === null) return matmul(seen, up);
  const ranks = x.graph.input(names.ranks, "float32", [factors.dim(2), ANY_LENGTH]);
  // The time embedding has no places: [1, T] becomes a row for each frame.
  const own = x.shape.length === 2 ? reshape(factors, [factors.dim(0) * factors.dim(1), factors.dim(2)]) : factors;
  return matmul(mul(seen, matching(x, matmul(own, ranks))), up);
}

/**
 * The convolution `KEY.conv-down` [R, I, kh, kw] with the geometry of the layer that it changes, then `KEY.conv-up` [O, R, 1, 1]; with
 * factors also `KEY.conv-ranks` [R, L, 1, 1].
 */
export function lowRankConvolution(
  key: string,
  x: Value,
  [o, i, kh, kw]: readonly [number, number, number, number],
  geometry: Convolution,
  factors: FrameFactors | null,
): Value {
  const names = convolutionFactors(key);
  const down = matching(x, x.graph.input(names.down, "float32", [ANY_LENGTH, i, kh, kw]));
  const up = matching(x, x.graph.input(names.up, "float32", [o, ANY_LENGTH, 1, 1]));
  const plain: Convolution = { stride: 1, padding: [0, 0, 0, 0] };
  const seen = conv2d(x, down, null, geometry);
  if (factors === null) return conv2d(seen, up, null, plain);
  const ranks = x.graph.input(names.ranks, "float32", [ANY_LENGTH, factors.dim(2), 1, 1]);
  const own = conv2d(reshape(factors, [factors.dim(0), factors.dim(2), 1, 1]), ranks, null, plain); // [F, R, 1, 1]
  return conv2d(mul(seen, matching(x, own)), up, null, plain);
}
