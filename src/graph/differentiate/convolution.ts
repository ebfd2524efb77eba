/** The derivative of a convolution with respect to its input, kernel and bias. */

import type { Value } from "../graph.ts";
import type { NodeOf } from "../operators.ts";
import { type Convolution, conv2d, convTranspose2d, matmul, reshape, slice, sum, transpose } from "../ops.ts";
import type { InputGradients } from "./rule.ts";
import { sumTo, transposed } from "./shapes.ts";

/** x [N, I, H, W], kernel [O, I, kh, kw], dy [N, O, H', W'] */
export function convolutionRule({ inputs, attributes }: NodeOf<"Conv", Value>, gradients: readonly Value[]): InputGradients {
  const [x, kernel] = inputs as [Value, Value];
  const [dy] = gradients as [Value];
  const geometry = { stride: attributes.strides[0]!, padding: attributes.pads as Convolution["padding"] };
  return [
    () => convTranspose2d(dy, kernel, geometry, [x.dim(2), x.dim(3)]),
    () => (isPointwise(kernel, geometry) ? pointwiseGradient(x, kernel, dy) : kernelGradient(x, kernel, dy, geometry)),
    () => reshape(sum(dy, [0, 2, 3]), [dy.dim(1)]),
  ];
}

function isPointwise(kernel: Value, { stride, padding }: Convolution): boolean {
  return kernel.dim(2) === 1 && kernel.dim(3) === 1 && stride === 1 && padding.every((p) => p === 0);
}

/** dy [N, O, H·W] times x transposed [N, H·W, I], summed over N. */
function pointwiseGradient(x: Value, kernel: Value, dy: Value): Value {
  const flat = (v: Value) => reshape(v, [v.dim(0), v.dim(1), v.dim(2) * v.dim(3)]);
  const each = matmul(flat(dy), transposed(flat(x)));
  return reshape(sumTo(each, each.shape.slice(1)), kernel.shape);
}

/** A convolution of x, channels as its batch, with dy as the kernel, whose neighbours lie as far apart as the forward steps. */
function kernelGradient(x: Value, kernel: Value, dy: Value, { stride, padding }: Convolution): Value {
  const swap = (v: Value) => transpose(v, [1, 0, 2, 3]);
  const all = conv2d(swap(x), swap(dy), null, { stride: 1, padding, dilation: stride }); // [I, O, >= kh, >= kw]
  return swap(slice(slice(all, 2, 0, kernel.dim(2)), 3, 0, kernel.dim(3)));
}
