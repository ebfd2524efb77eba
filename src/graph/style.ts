/** The choices that device and settings make for a graph: its arithmetic, and the precision of its weights. */

import type { Accuracy } from "./operators.ts";

export interface GraphStyle {
  /** Linear layers: full precision, half, or block-quantised; with those, wide convolutions at 8 bits and others at half. */
  readonly precision: "fp32" | "fp16" | "q8" | "q4";
  /** 8-bit weights in blocks of up to 128 values instead of 32: faster on processors, rounded a little more coarsely. */
  readonly longBlocks?: boolean;
  /** "fused": com.microsoft.MultiHeadAttention; "plain": MatMul, Softmax, MatMul. The device's self-test picks one. */
  readonly attention: "fused" | "plain";
  /** "float16": the UNet computes in fp16, except for norm statistics; its inputs and outputs stay fp32. Absent: all in fp32. */
  readonly compute?: "float16";
  /** Attention scores (batch × heads × queries × keys) that may be in memory at a time. Absent: no limit. */
  readonly maxScores?: number;
  /** Values of a transformer's widest layer (rows × width) that may be in memory at a time. Absent: no limit. */
  readonly maxHidden?: number;
  /**
   * The way that a transformer's chunks run: "scan", in ONNX's Scan; "unrolled", one after the other, each in an If of its own, for
   * devices that lack Scan; "inline", one after the other in the graph itself, which takes more memory. Absent: "scan".
   */
  readonly chunking?: "scan" | "unrolled" | "inline";
  /** Absent: the forms that processors are fastest with. */
  readonly forms?: GraphForms;
  /** Accuracy of the products with quantised weights of these sizes. Absent: 4. */
  readonly accuracy?: (k: number, n: number) => Accuracy;
}

/**
 * Other forms of the same computation, over the same stored weights unless a form says otherwise. Which of them are faster depends on
 * the device; `bench/graph-forms.ts` counts and times each (docs/decisions.md, "Forms of the graph").
 */
export interface GraphForms {
  /** A product with quantised weights adds its bias itself. */
  readonly biasInProduct?: boolean;
  /** Queries, keys and values of a self-attention come from one product. */
  readonly jointQkv?: boolean;
  /** GEGLU's bias, split, GELU and product in one node, which graphics cards alone have. */
  readonly biasSplitGelu?: boolean;
  /** Products with quantised weights get as many inputs as a multiple of this; the added ones are zeros. */
  readonly alignedRows?: 128;
  /**
   * Convolutions as one product with all shifted slices side by side, in place of a product for each slice. "wide": those that are
   * quantised anyway; "all": those of the outer levels, too, whose weights are then stored at 8 bits instead of 16.
   */
  readonly im2col?: "wide" | "all";
}

/**
 * The style with weights one step more precise. Graphs that run once per prompt or picture (text encoder, text keys and values,
 * VAE) use it, because their weights are few and their errors reach every step; guidance multiplies those of the text.
 */
export function finer(style: GraphStyle): GraphStyle {
  const precision = ({ q4: "q8", q8: "fp16", fp16: "fp16", fp32: "fp32" } as const)[style.precision];
  return { ...style, precision };
}
