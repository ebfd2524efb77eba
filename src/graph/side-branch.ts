/** The low-rank changes that come as inputs of a graph beside the weights they change (models/lora/beside.ts). */

import { ANY_LENGTH } from "../formats/onnx/model.ts";
import { convolutionFactors, linearFactors } from "../models/lora/side-branch.ts";
import type { Value } from "./graph.ts";
import { matching } from "./ops.ts";

/** x [..., I] -> [..., O] through a rank that each run chooses: `KEY.down` [I, R], `KEY.up` [R, O]. */
export function lowRankProduct(key: string, x: Value, input: number, out: number): Value {
  const names = linearFactors(key);
  const down = matching(x, x.graph.input(names.down, "float32", [input, ANY_LENGTH]));
  const up = matching(x, x.graph.input(names.up, "float32", [ANY_LENGTH, out]));
  const leading = x.shape.slice(0, -1);
  const narrow = x.graph.node("MatMul", [x, down], [...leading, ANY_LENGTH]);
  return x.graph.node("MatMul", [narrow, up], [...leading, out]);
}

/** The convolution `KEY.conv-down` [R, I, kh, kw] with the geometry of the one that is changed, then `KEY.conv-up` [O, R, 1, 1]. */
export function lowRankConvolution(
  key: string,
  x: Value,
  changed: Value,
  attributes: Readonly<Record<string, number | readonly number[]>>,
): Value {
  const [n, out, height, width] = changed.shape as [number, number, number, number];
  const kernel = attributes.kernel_shape as readonly number[];
  const names = convolutionFactors(key);
  const down = matching(x, x.graph.input(names.down, "float32", [ANY_LENGTH, x.dim(1), ...kernel]));
  const up = matching(x, x.graph.input(names.up, "float32", [out, ANY_LENGTH, 1, 1]));
  const narrow = x.graph.node("Conv", [x, down], [n, ANY_LENGTH, height, width], { attributes });
  return x.graph.node("Conv", [narrow, up], changed.shape, {
    attributes: { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 },
  });
}
