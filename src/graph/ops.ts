/** The op vocabulary: functions from values to values, one or two nodes each, shapes worked out here. */

import type { TensorType } from "../formats/onnx/model.ts";
import type { Value } from "./graph.ts";

export function reshape(x: Value, shape: readonly number[]): Value {
  if (x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i])) return x;
  if (product(shape) !== product(x.shape)) throw new RangeError(`cannot reshape ${x.shape.join("×")} to ${shape.join("×")}`);
  return x.graph.node("Reshape", [x, x.graph.integers(shape)], shape);
}

export function transpose(x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.dim(axis));
  return x.graph.node("Transpose", [x], shape, { attributes: { perm: order } });
}

export function add(a: Value, b: Value): Value {
  return a.graph.node("Add", [a, b], broadcast(a.shape, b.shape));
}

export function sub(a: Value, b: Value): Value {
  return a.graph.node("Sub", [a, b], broadcast(a.shape, b.shape));
}

export function mul(a: Value, b: Value): Value {
  return a.graph.node("Mul", [a, b], broadcast(a.shape, b.shape));
}

export function div(a: Value, b: Value): Value {
  return a.graph.node("Div", [a, b], broadcast(a.shape, b.shape));
}

export function sqrt(x: Value): Value {
  return x.graph.node("Sqrt", [x], x.shape);
}

/** x · sigmoid(x), in one node. */
export function silu(x: Value): Value {
  return quickGelu(x, 1);
}

/** x · sigmoid(alpha · x). */
export function quickGelu(x: Value, alpha: number): Value {
  return x.graph.node("QuickGelu", [x], x.shape, { domain: "com.microsoft", attributes: { alpha: { float: alpha } } });
}

/** The exact, erf-based GELU. */
export function gelu(x: Value): Value {
  return x.graph.node("Gelu", [x], x.shape, { domain: "com.microsoft" });
}

export function softmax(x: Value): Value {
  return x.graph.node("Softmax", [x], x.shape, { attributes: { axis: -1 } });
}

/** Batched matrix product over the last two axes. */
export function matmul(a: Value, b: Value): Value {
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return a.graph.node("MatMul", [a, b], [...batch, a.dim(-2), b.dim(-1)]);
}

export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0]!;
  const length = values.reduce((sum, v) => sum + v.dim(axis), 0);
  return first.graph.node("Concat", values, first.shape.with(axis, length), { attributes: { axis } });
}

/** Equal parts along an axis. */
export function split(x: Value, parts: number, axis: number): Value[] {
  const at = axis < 0 ? x.shape.length + axis : axis;
  const shape = x.shape.with(at, x.dim(axis) / parts);
  return x.graph.nodes("Split", [x], Array(parts).fill(shape), { attributes: { axis, num_outputs: parts } });
}

/** x[..., begin:end:step, ...] along one axis. */
export function slice(x: Value, axis: number, begin: number, end: number, step = 1): Value {
  if (begin === 0 && end === x.dim(axis) && step === 1) return x;
  const g = x.graph;
  const inputs = [x, g.integers([begin]), g.integers([end]), g.integers([axis]), g.integers([step])];
  return g.node("Slice", inputs, x.shape.with(axis, Math.ceil((end - begin) / step)));
}

/** Zero padding, begins and ends for each axis. */
export function pad(x: Value, begins: readonly number[], ends: readonly number[]): Value {
  const shape = x.shape.map((d, i) => d + begins[i]! + ends[i]!);
  return x.graph.node("Pad", [x, x.graph.integers([...begins, ...ends])], shape);
}

/** Mean over axes, which stay with length 1. */
export function mean(x: Value, axes: readonly number[]): Value {
  const shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return x.graph.node("ReduceMean", [x, x.graph.integers(axes)], shape, { attributes: { keepdims: 1 } });
}

export function cast(x: Value, type: TensorType): Value {
  if (x.type === type) return x;
  const ONNX_TYPE = { float32: 1, float16: 10, int64: 7, int32: 6, int8: 3, uint8: 2, bool: 9 };
  return x.graph.node("Cast", [x], x.shape, { type, attributes: { to: ONNX_TYPE[type] } });
}

/** `value`, a weight or a constant, in the type that x computes in. */
export function matching(x: Value, value: Value): Value {
  return cast(value, x.type);
}

/** Rows of a table. table [n, c], ids [...] -> [..., c] */
export function gather(table: Value, ids: Value): Value {
  return table.graph.node("Gather", [table, ids], [...ids.shape, table.dim(1)], { attributes: { axis: 0 } });
}

/** Nearest-neighbour resize of [N, C, H, W]: source index floor(dst · in / out). */
export function resizeNearest(x: Value, height: number, width: number): Value {
  const shape = [x.dim(0), x.dim(1), height, width];
  const attributes = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  return x.graph.node("Resize", [x, null, null, x.graph.integers(shape)], shape, { attributes });
}

/** A scalar constant in the type of x. */
export function scalar(x: Value, value: number): Value {
  return matching(
    x,
    x.graph.floats(`f32(${value})`, [], () => Float32Array.of(value)),
  );
}

export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) throw new RangeError(`cannot broadcast ${a.join("×")} with ${b.join("×")}`);
    return Math.max(p, q);
  });
}

export function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
