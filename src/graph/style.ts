/** The choices that device and settings make for a graph: its arithmetic, and the precision of its weights. */

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
   * devices that lack Scan. Absent: "scan".
   */
  readonly chunking?: "scan" | "unrolled";
}

/**
 * The style with weights one step more precise. Graphs that run once per prompt or picture (text encoder, text keys and values,
 * VAE) use it, because their weights are few and their errors reach every step; guidance multiplies those of the text.
 */
export function finer(style: GraphStyle): GraphStyle {
  const precision = ({ q4: "q8", q8: "fp16", fp16: "fp16", fp32: "fp32" } as const)[style.precision];
  return { ...style, precision };
}
