/**
 * The operators that graphs are made of, each with its attributes. The set is closed, so that code which walks a graph (the
 * encoder, the count of memory, differentiation) can have a case for every operator and the compiler says when one is missing.
 * Meanings: ONNX operator set 21 (https://onnx.ai/onnx/operators) and onnxruntime's docs/ContribOperators.md for `com.microsoft`.
 */

import type { TensorType, ValueSpec } from "../formats/onnx/model.ts";

/** MatMulNBits' accuracy_level. 0: activations as they are; 4: the kernel may quantise them to 8 bits. */
export type Accuracy = 0 | 4;

type NoAttributes = Readonly<Record<string, never>>;

export interface ConvAttributes {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
}

/** Keys stand in the order in which the model file lists them. */
export interface OperatorAttributes {
  readonly Add: NoAttributes;
  /** Graphics cards alone have it. */
  readonly BiasSplitGelu: NoAttributes;
  readonly Cast: { readonly to: TensorType };
  readonly AveragePool: {
    readonly kernel_shape: readonly number[];
    readonly strides: readonly number[];
    readonly ceil_mode: 0 | 1;
  };
  readonly Concat: { readonly axis: number };
  readonly Conv: ConvAttributes;
  readonly ConvTranspose: ConvAttributes & { readonly output_padding: readonly number[] };
  /** "CRD": channels in the order of torch's `pixel_shuffle`. */
  readonly DepthToSpace: { readonly blocksize: number; readonly mode: "CRD" };
  /** Only the benchmark of rejected forms uses it (docs/decisions.md). */
  readonly DequantizeLinear: { readonly axis: number };
  readonly Div: NoAttributes;
  readonly Erf: NoAttributes;
  readonly Exp: NoAttributes;
  readonly Expand: NoAttributes;
  readonly Gather: { readonly axis: number };
  readonly Gelu: NoAttributes;
  readonly Identity: NoAttributes;
  /** Bodies: the branch for true, the branch for false. */
  readonly If: NoAttributes;
  readonly InstanceNormalization: { readonly epsilon: number };
  readonly LayerNormalization: { readonly axis: number; readonly epsilon: number };
  readonly LeakyRelu: { readonly alpha: number };
  readonly MatMul: NoAttributes;
  readonly MatMulNBits: {
    readonly K: number;
    readonly N: number;
    readonly bits: number;
    readonly block_size: number;
    readonly accuracy_level: Accuracy;
  };
  readonly Mul: NoAttributes;
  readonly MultiHeadAttention: { readonly num_heads: number };
  readonly Pad: NoAttributes;
  readonly PRelu: NoAttributes;
  readonly QuickGelu: { readonly alpha: number };
  readonly ReduceMean: { readonly keepdims: number };
  readonly Relu: NoAttributes;
  readonly ReduceSum: { readonly keepdims: number };
  readonly Reshape: NoAttributes;
  readonly Resize: { readonly mode: string; readonly coordinate_transformation_mode: string; readonly nearest_mode: string };
  /** Body: the graph that runs for each entry. */
  readonly Scan: { readonly num_scan_inputs: number };
  readonly Sigmoid: NoAttributes;
  readonly Slice: NoAttributes;
  readonly Softmax: { readonly axis: number };
  readonly Split: { readonly axis: number; readonly num_outputs: number };
  readonly Sqrt: NoAttributes;
  readonly Sub: NoAttributes;
  readonly Tanh: NoAttributes;
  readonly Transpose: { readonly perm: readonly number[] };
}

export type Operator = keyof OperatorAttributes;

/** Operators of onnxruntime's own set `com.microsoft`; all others are ONNX's. */
export const CONTRIB_OPERATORS: ReadonlySet<Operator> = new Set([
  "BiasSplitGelu",
  "Gelu",
  "MatMulNBits",
  "MultiHeadAttention",
  "QuickGelu",
]);

/** Attributes that ONNX declares as floats; other numbers are integers. */
export const FLOAT_ATTRIBUTES: ReadonlySet<string> = new Set(["alpha", "epsilon"]);

/** Names of the attributes that hold a node's bodies. */
export const BODY_ATTRIBUTES: Readonly<Partial<Record<Operator, readonly string[]>>> = {
  If: ["then_branch", "else_branch"],
  Scan: ["body"],
};

export interface NodeOf<Op extends Operator, V extends ValueSpec = ValueSpec> {
  readonly op: Op;
  readonly name: string;
  /** null: an optional input left out. */
  readonly inputs: readonly (V | null)[];
  readonly outputs: readonly V[];
  readonly attributes: OperatorAttributes[Op];
  /** Graphs that the node runs by itself. Empty but for If and Scan. */
  readonly bodies: readonly Body<V>[];
}

/** One node, told apart by `op`. */
export type GraphNode<V extends ValueSpec = ValueSpec> = { [Op in Operator]: NodeOf<Op, V> }[Operator];

/** A graph inside a node. It reads the values of the graph around it, too. */
export interface Body<V extends ValueSpec = ValueSpec> {
  readonly name: string;
  readonly inputs: readonly V[];
  readonly nodes: readonly GraphNode<V>[];
  readonly outputs: readonly V[];
}
