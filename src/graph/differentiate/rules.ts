/**
 * The derivative of every operator: how the gradient of a node's outputs becomes the gradient of each of its inputs. `dy` is the
 * gradient of the loss with respect to y; each rule gives one function per input, which adds nodes only when it is called.
 */

import type { Operator } from "../operators.ts";
import {
  add,
  cast,
  concat,
  div,
  erf,
  exp,
  expand,
  matmul,
  mul,
  pad,
  reshape,
  scalar,
  sigmoid,
  slice,
  sub,
  sum,
  transpose,
} from "../ops.ts";
import { product } from "../shapes.ts";
import { integersOf } from "./constants.ts";
import { convolutionRule } from "./convolution.ts";
import { instanceNormRule, layerNormRule } from "./normalisation.ts";
import type { Rule } from "./rule.ts";
import { nearestRows, sumTo, transposed } from "./shapes.ts";

/** null: the operator cannot be trained through. */
export const rules: { readonly [Op in Operator]: Rule<Op> | null } = {
  Add: ({ inputs }, [dy]) => inputs.map((x) => () => sumTo(dy!, x!.shape)),

  Cast: ({ inputs: [x] }, [dy]) => [() => cast(dy!, x!.type)],

  Concat: ({ inputs, attributes: { axis } }, [dy]) => {
    let end = 0;
    return inputs.map((x) => {
      const begin = end;
      end += x!.dim(axis);
      const upTo = end;
      return () => slice(dy!, axis, begin, upTo);
    });
  },

  Conv: convolutionRule,

  Div: ({ inputs: [a, b], outputs: [y] }, [dy]) => [
    () => sumTo(div(dy!, b!), a!.shape),
    () => sumTo(mul(scalar(b!, -1), div(mul(dy!, y!), b!)), b!.shape),
  ],

  Expand: ({ inputs: [x] }, [dy]) => [() => sumTo(dy!, x!.shape), null],

  /** x Φ(x), whose derivative is Φ(x) + x φ(x). */
  Gelu: ({ inputs: [value] }, [dy]) => [
    () => {
      const x = value!;
      const cumulative = mul(add(erf(mul(x, scalar(x, Math.SQRT1_2))), scalar(x, 1)), scalar(x, 0.5));
      const density = mul(exp(mul(mul(x, x), scalar(x, -0.5))), scalar(x, 1 / Math.sqrt(2 * Math.PI)));
      return mul(dy!, add(cumulative, mul(x, density)));
    },
  ],

  Identity: (_, [dy]) => [() => dy!],

  InstanceNormalization: instanceNormRule,

  LayerNormalization: layerNormRule,

  /** A matrix that multiplies a whole batch gets one product over all rows instead of one for each entry, summed. */
  MatMul: ({ inputs: [a, b] }, [dy]) => [
    () => sumTo(matmul(dy!, transposed(b!)), a!.shape),
    () => {
      if (b!.shape.length > 2) return sumTo(matmul(transposed(a!), dy!), b!.shape);
      const rows = product(a!.shape.slice(0, -1));
      return matmul(transposed(reshape(a!, [rows, a!.dim(-1)])), reshape(dy!, [rows, dy!.dim(-1)]));
    },
  ],

  Mul: ({ inputs: [a, b] }, [dy]) => [() => sumTo(mul(dy!, b!), a!.shape), () => sumTo(mul(dy!, a!), b!.shape)],

  Pad: ({ inputs: [x, pads] }, [dy]) => [
    () =>
      x!.shape.reduce(
        (kept, length, axis) => slice(kept, axis, integersOf(pads!)[axis]!, integersOf(pads!)[axis]! + length),
        dy!,
      ),
    null,
  ],

  /** x s(αx), whose derivative is s + αx s (1 - s). */
  QuickGelu: ({ inputs: [value], attributes: { alpha } }, [dy]) => [
    () => {
      const x = value!;
      const scaled = alpha === 1 ? x : mul(x, scalar(x, alpha));
      const s = sigmoid(scaled);
      return mul(mul(dy!, s), add(mul(scaled, sub(scalar(x, 1), s)), scalar(x, 1)));
    },
  ],

  ReduceMean: ({ inputs: [x], outputs: [y] }, [dy]) => [
    () => expand(mul(dy!, scalar(dy!, product(y!.shape) / product(x!.shape))), x!.shape),
    null,
  ],

  ReduceSum: ({ inputs: [x] }, [dy]) => [() => expand(dy!, x!.shape), null],

  Reshape: ({ inputs: [x] }, [dy]) => [() => reshape(dy!, x!.shape), null],

  /** Each source pixel gets the sum of its copies: a product with a matrix of ones and zeros on each side. */
  Resize: ({ inputs: [x] }, [dy]) => [
    () => {
      const rows = nearestRows(dy!, x!.dim(2), dy!.dim(2)); // [h, H]
      const columns = transposed(nearestRows(dy!, x!.dim(3), dy!.dim(3))); // [W, w]
      return matmul(matmul(rows, dy!), columns);
    },
  ],

  Slice: ({ inputs: [x, begins, ends, axes, steps] }, [dy]) => [
    () => {
      const [begin, end, axis, step] = [begins, ends, axes, steps].map((value) => integersOf(value!)[0]!) as [
        number,
        number,
        number,
        number,
      ];
      if (step !== 1) throw new RangeError("a Slice with steps has no derivative");
      const none = x!.shape.map(() => 0);
      return pad(dy!, none.with(axis, begin), none.with(axis, x!.dim(axis) - end));
    },
  ],

  Softmax: ({ outputs: [y] }, [dy]) => [
    () => {
      const weighted = mul(dy!, y!);
      return sub(weighted, mul(y!, sum(weighted, [y!.shape.length - 1])));
    },
  ],

  Split: ({ attributes: { axis } }, parts) => [() => concat(parts, axis)],

  Sqrt: ({ outputs: [y] }, [dy]) => [() => div(mul(dy!, scalar(dy!, 0.5)), y!)],

  Sub: ({ inputs: [a, b] }, [dy]) => [() => sumTo(dy!, a!.shape), () => sumTo(mul(dy!, scalar(dy!, -1)), b!.shape)],

  Transpose: ({ attributes: { perm } }, [dy]) => [
    () =>
      transpose(
        dy!,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
  ],

  // Only derivatives contain these, and nobody differentiates twice.
  AveragePool: null,
  ConvTranspose: null,
  Erf: null,
  Exp: null,
  Sigmoid: null,
  // TAESD alone uses these, and VAEs stay frozen.
  Relu: null,
  Tanh: null,
  // A graph for training writes them out or stores its weights in full (see TRAINING_STYLE).
  BiasSplitGelu: null,
  DequantizeLinear: null,
  Gather: null,
  If: null,
  MatMulNBits: null,
  MultiHeadAttention: null,
  DepthToSpace: null,
  LeakyRelu: null,
  PRelu: null,
  Scan: null,
};
