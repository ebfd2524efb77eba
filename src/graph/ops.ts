/**
 * Every operation that graphs are built from, as functions from values to values of one or two nodes each. They work out the shapes,
 * and no other file but subgraphs.ts makes nodes. Weights and constants must be in the type of x: see `matching`.
 */

import type { TensorType } from "../formats/onnx/model.ts";
import type { Value } from "./graph.ts";
import type { Accuracy } from "./operators.ts";
import { broadcast, product } from "./shapes.ts";

export function reshape(x: Value, shape: readonly number[]): Value {
  if (x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i])) return x;
  if (product(shape) !== product(x.shape)) throw new RangeError(`cannot reshape ${x.shape.join("×")} to ${shape.join("×")}`);
  return x.graph.node("Reshape", [x, x.graph.integers(shape)], shape, {});
}

export function transpose(x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.dim(axis));
  return x.graph.node("Transpose", [x], shape, { perm: order });
}

export function add(a: Value, b: Value): Value {
  return a.graph.node("Add", [a, b], broadcast(a.shape, b.shape), {});
}

export function sub(a: Value, b: Value): Value {
  return a.graph.node("Sub", [a, b], broadcast(a.shape, b.shape), {});
}

export function mul(a: Value, b: Value): Value {
  return a.graph.node("Mul", [a, b], broadcast(a.shape, b.shape), {});
}

export function div(a: Value, b: Value): Value {
  return a.graph.node("Div", [a, b], broadcast(a.shape, b.shape), {});
}

export function sqrt(x: Value): Value {
  return x.graph.node("Sqrt", [x], x.shape, {});
}

export function relu(x: Value): Value {
  return x.graph.node("Relu", [x], x.shape, {});
}

/** x where it is positive, else slope · x. */
export function leakyRelu(x: Value, slope: number): Value {
  return x.graph.node("LeakyRelu", [x], x.shape, { alpha: slope });
}

/** x where it is positive, else its channel's slope times x. x [N, C, H, W], slopes [C] */
export function prelu(x: Value, slopes: Value): Value {
  return x.graph.node("PRelu", [x, reshape(matching(x, slopes), [slopes.dim(0), 1, 1])], x.shape, {});
}

/** Channels to squares of pixels, as torch's `pixel_shuffle`. [N, C · r², H, W] -> [N, C, r · H, r · W] */
export function depthToSpace(x: Value, r: number): Value {
  const shape = [x.dim(0), x.dim(1) / (r * r), r * x.dim(2), r * x.dim(3)];
  return x.graph.node("DepthToSpace", [x], shape, { blocksize: r, mode: "CRD" });
}

export function tanh(x: Value): Value {
  return x.graph.node("Tanh", [x], x.shape, {});
}

export function exp(x: Value): Value {
  return x.graph.node("Exp", [x], x.shape, {});
}

export function erf(x: Value): Value {
  return x.graph.node("Erf", [x], x.shape, {});
}

export function sigmoid(x: Value): Value {
  return x.graph.node("Sigmoid", [x], x.shape, {});
}

/** x · sigmoid(x), in one node. */
export function silu(x: Value): Value {
  return quickGelu(x, 1);
}

/** x · sigmoid(alpha · x). */
export function quickGelu(x: Value, alpha: number): Value {
  return x.graph.node("QuickGelu", [x], x.shape, { alpha });
}

/** The exact, erf-based GELU. */
export function gelu(x: Value): Value {
  return x.graph.node("Gelu", [x], x.shape, {});
}

export function softmax(x: Value): Value {
  return x.graph.node("Softmax", [x], x.shape, { axis: -1 });
}

/** Batched matrix product over the last two axes. */
export function matmul(a: Value, b: Value): Value {
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return a.graph.node("MatMul", [a, b], [...batch, a.dim(-2), b.dim(-1)], {});
}

export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0]!;
  const length = values.reduce((sum, v) => sum + v.dim(axis), 0);
  return first.graph.node("Concat", values, first.shape.with(axis, length), { axis });
}

/** Equal parts along an axis. */
export function split(x: Value, parts: number, axis: number): Value[] {
  const at = axis < 0 ? x.shape.length + axis : axis;
  const shape = x.shape.with(at, x.dim(axis) / parts);
  return x.graph.nodeOfMany("Split", [x], Array(parts).fill(shape), { axis, num_outputs: parts });
}

/** x[..., begin:end:step, ...] along one axis. */
export function slice(x: Value, axis: number, begin: number, end: number, step = 1): Value {
  if (begin === 0 && end === x.dim(axis) && step === 1) return x;
  const g = x.graph;
  const inputs = [x, g.integers([begin]), g.integers([end]), g.integers([axis]), g.integers([step])];
  return g.node("Slice", inputs, x.shape.with(axis, Math.ceil((end - begin) / step)), {});
}

/** Zero padding, begins and ends for each axis. */
export function pad(x: Value, begins: readonly number[], ends: readonly number[]): Value {
  const shape = x.shape.map((d, i) => d + begins[i]! + ends[i]!);
  return x.graph.node("Pad", [x, x.graph.integers([...begins, ...ends])], shape, {});
}

/** Mean over axes, which stay with length 1. */
export function mean(x: Value, axes: readonly number[]): Value {
  const shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return x.graph.node("ReduceMean", [x, x.graph.integers(axes)], shape, { keepdims: 1 });
}

/** Sum over axes, which stay with length 1. */
export function sum(x: Value, axes: readonly number[]): Value {
  const shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return x.graph.node("ReduceSum", [x, x.graph.integers(axes)], shape, { keepdims: 1 });
}

/** x repeated along its axes of length 1, as numpy broadcasts. */
export function expand(x: Value, shape: readonly number[]): Value {
  if (x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i])) return x;
  return x.graph.node("Expand", [x, x.graph.integers(shape)], shape, {});
}

export function cast(x: Value, type: TensorType): Value {
  if (x.type === type) return x;
  return x.graph.node("Cast", [x], x.shape, { to: type }, { type });
}

/** `value`, a weight or a constant, in the type that x computes in. */
export function matching(x: Value, value: Value): Value {
  return cast(value, x.type);
}

/** Rows of a table. table [n, c], ids [...] -> [..., c] */
export function gather(table: Value, ids: Value): Value {
  return table.graph.node("Gather", [table, ids], [...ids.shape, table.dim(1)], { axis: 0 });
}

/** Nearest-neighbour resize of [N, C, H, W]: source index floor(dst · in / out). */
export function resizeNearest(x: Value, height: number, width: number): Value {
  const shape = [x.dim(0), x.dim(1), height, width];
  const attributes = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  return x.graph.node("Resize", [x, null, null, x.graph.integers(shape)], shape, attributes);
}

export interface Convolution {
  readonly stride: number;
  /** Top, left, bottom, right. */
  readonly padding: readonly [number, number, number, number];
  /** Distance between neighbours of the kernel. Absent: 1. */
  readonly dilation?: number;
}

/** Height and width of a convolution's result. x [N, I, H, W], kernel sides kh, kw */
export function convolvedSize(
  x: Value,
  kh: number,
  kw: number,
  { stride, padding, dilation = 1 }: Convolution,
): [height: number, width: number] {
  const [top, left, bottom, right] = padding;
  const steps = (length: number, side: number) => Math.floor((length - dilation * (side - 1) - 1) / stride) + 1;
  return [steps(x.dim(2) + top + bottom, kh), steps(x.dim(3) + left + right, kw)];
}

/** 2-D convolution. x [N, I, H, W], kernel [O, I, kh, kw], bias [O] or none -> [N, O, H', W'] */
export function conv2d(x: Value, kernel: Value, bias: Value | null, convolution: Convolution): Value {
  const [kh, kw] = [kernel.dim(2), kernel.dim(3)];
  const { stride, padding, dilation = 1 } = convolution;
  const shape = [x.dim(0), kernel.dim(0), ...convolvedSize(x, kh, kw, convolution)];
  return x.graph.node("Conv", bias === null ? [x, kernel] : [x, kernel, bias], shape, {
    kernel_shape: [kh, kw],
    strides: [stride, stride],
    pads: [...padding],
    dilations: [dilation, dilation],
    group: 1,
  });
}

/**
 * The transpose of a convolution as a linear map: what leads from its output's size back to its input's.
 * y [N, O, H', W'], kernel [O, I, kh, kw] -> [N, I, height, width]
 */
export function convTranspose2d(
  y: Value,
  kernel: Value,
  { stride, padding }: Convolution,
  [height, width]: readonly [number, number],
): Value {
  const [kh, kw] = [kernel.dim(2), kernel.dim(3)];
  const [top, left, bottom, right] = padding;
  // Rows and columns at the end that no step of the convolution reached.
  const rest = [(height + top + bottom - kh) % stride, (width + left + right - kw) % stride];
  return y.graph.node("ConvTranspose", [y, kernel], [y.dim(0), kernel.dim(1), height, width], {
    kernel_shape: [kh, kw],
    strides: [stride, stride],
    pads: [...padding],
    dilations: [1, 1],
    group: 1,
    output_padding: rest,
  });
}

/** Means of 2 × 2 places, of what is left of them at an odd edge. x [N, C, H, W] -> [N, C, ⌈H / 2⌉, ⌈W / 2⌉] */
export function averagePool(x: Value): Value {
  const shape = [x.dim(0), x.dim(1), Math.ceil(x.dim(2) / 2), Math.ceil(x.dim(3) / 2)];
  return x.graph.node("AveragePool", [x], shape, { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 });
}

/** Mean 0 and variance 1 over the last axes of each (n, g), then scale and shift [G]. x [N, G, ...] */
export function instanceNorm(x: Value, scale: Value, shift: Value, eps: number): Value {
  return x.graph.node("InstanceNormalization", [x, scale, shift], x.shape, { epsilon: eps });
}

/** Mean 0 and variance 1 over the last axis, then scale and shift [C]. x [..., C] */
export function layerNorm(x: Value, scale: Value, shift: Value, eps: number): Value {
  return x.graph.node("LayerNormalization", [x, scale, shift], x.shape, { axis: -1, epsilon: eps });
}

/** softmax(q kᵀ / sqrt(C / heads)) v in one node. q [B, S, C], k and v [B, T, C] -> [B, S, C] */
export function multiHeadAttention(q: Value, k: Value, v: Value, heads: number): Value {
  return q.graph.node("MultiHeadAttention", [q, k, v], q.shape, { num_heads: heads });
}

export interface BlockProduct {
  readonly k: number;
  readonly n: number;
  readonly bits: 4 | 8;
  readonly block: number;
  readonly accuracy: Accuracy;
}

/** x [..., K] times a block-quantised [N, K], transposed, plus bias [N] -> [..., N]. `packed` and `scale` as in encodings.ts. */
export function matMulNBits(
  x: Value,
  packed: Value,
  scale: Value,
  { k, n, bits, block, accuracy }: BlockProduct,
  bias: Value | null = null,
): Value {
  const attributes = { K: k, N: n, bits, block_size: block, accuracy_level: accuracy };
  // Between scale and bias stand zero points and group indices.
  const inputs = bias === null ? [x, packed, scale] : [x, packed, scale, null, null, bias];
  return x.graph.node("MatMulNBits", inputs, [...x.shape.slice(0, -1), n], attributes);
}

/** With a and b the halves of x + bias along the last axis: a · gelu(b). x [N, S, 2C], bias [2C] -> [N, S, C] */
export function biasSplitGelu(x: Value, bias: Value): Value {
  return x.graph.node("BiasSplitGelu", [x, bias], x.shape.with(-1, x.dim(-1) / 2), {});
}

/** Integers times one scale for each index of the axis, as fp32. */
export function dequantise(x: Value, scale: Value, axis: number): Value {
  return x.graph.node("DequantizeLinear", [x, scale], x.shape, { axis }, { type: "float32" });
}

/** A scalar constant in the type of x. */
export function scalar(x: Value, value: number): Value {
  return matching(
    x,
    x.graph.floats(`f32(${value})`, [], () => Float32Array.of(value)),
  );
}
