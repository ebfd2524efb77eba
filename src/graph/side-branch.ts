/** Low-rank changes of layers as inputs of a graph, added to what the stored weights compute (models/lora/side-branch.ts). */

import { ANY_LENGTH } from "../formats/onnx/model.ts";
import { convolutionFactors, linearFactors } from "../models/lora/side-branch.ts";
import type { Value } from "./graph.ts";
import { type Convolution, conv2d, matching, matmul } from "./ops.ts";

/** x [..., I] -> [..., O] through a rank that each run chooses: `KEY.down` [I, R], `KEY.up` [R, O]. */
export function lowRankProduct(key: string, x: Value, input: number, out: number): Value {
  const names = linearFactors(key);
  const down = matching(x, x.graph.input(names.down, "float32", [input, ANY_LENGTH]));
  const up = matching(x, x.graph.input(names.up, "float32", [ANY_LENGTH, out]));
  return matmul(matmul(x, down), up);
}

/** The convolution `KEY.conv-down` [R, I, kh, kw] with the geometry of the layer that it changes, then `KEY.conv-up` [O, R, 1, 1]. */
export function lowRankConvolution(
  key: string,
  x: Value,
  [o, i, kh, kw]: readonly [number, number, number, number],
  geometry: Convolution,
): Value {
  const names = convolutionFactors(key);
  const down = matching(x, x.graph.input(names.down, "float32", [ANY_LENGTH, i, kh, kw]));
  const up = matching(x, x.graph.input(names.up, "float32", [o, ANY_LENGTH, 1, 1]));
  return conv2d(conv2d(x, down, null, geometry), up, null, { stride: 1, padding: [0, 0, 0, 0] });
}
