/** What an adapter file says of one layer, and what each adapter kind makes of it: changes of the layer's weight and bias. */

import type { TensorRef } from "../tensors.ts";

/** What a tensor is to its layer, under the names that LyCORIS and PEFT give them. */
export type Role =
  | "down"
  | "up"
  | "mid"
  | "alpha"
  | "magnitude"
  | "hada_w1_a"
  | "hada_w1_b"
  | "hada_w2_a"
  | "hada_w2_b"
  | "hada_t1"
  | "hada_t2"
  | "lokr_w1"
  | "lokr_w1_a"
  | "lokr_w1_b"
  | "lokr_w2"
  | "lokr_w2_a"
  | "lokr_w2_b"
  | "lokr_t2"
  | "ia3"
  | "on_input"
  | "ia3_l"
  | "diff"
  | "diff_b"
  | "w_norm"
  | "b_norm"
  | "oft_blocks"
  | "rescale"
  | "a1"
  | "a2"
  | "b1"
  | "b2";

export type LayerTensors = Partial<Readonly<Record<Role, TensorRef>>>;

/** One layer of an adapter file. */
export interface AdapterLayer {
  /** The layer as the file calls it, without the role. */
  readonly name: string;
  readonly tensors: LayerTensors;
  /** alpha / rank, or alpha / √rank for rank-stabilised LoRAs; 1 where the file gives no alpha, or 0. */
  scale(rank: number): number;
}

interface Change {
  /** The layer's name in the file. */
  readonly layer: string;
  readonly kind: AdapterKind;
  readonly parameter: "weight" | "bias";
  /** null for kinds without one. */
  readonly rank: number | null;
  /** Says why it does not fit a weight of this shape; null if it does. */
  misfit(shape: readonly number[]): string | null;
}

export type AdapterKind = "LoRA" | "LoHa" | "LoKr" | "DoRA" | "IA³" | "OFT" | "BOFT" | "GLoRA" | "full difference";

/** W += weight × scale × up · down, which can also run beside the layer as a side branch. */
export interface LowRank extends Change {
  readonly form: "low-rank";
  readonly rank: number;
  readonly scale: number;
  /** For a weight of `shape`: up [out, rank], down [rank, n] where n is the product of the other dimensions. */
  read(shape: readonly number[]): Promise<{ up: Float32Array<ArrayBuffer>; down: Float32Array<ArrayBuffer> }>;
}

/** W += weight × D, where D may depend on the original W. Such a change is always merged. */
export interface Computed extends Change {
  readonly form: "computed";
  /** D for the original values of the weight, row-major like them. */
  difference(original: Float32Array, shape: readonly number[]): Promise<Float32Array>;
}

export type WeightChange = LowRank | Computed;

/** "a layer of it takes 320 inputs where the model has 640", or null where both agree. */
export function misfitOf(
  [out, inputs]: readonly [out: number, inputs: number],
  elements: number,
  shape: readonly number[],
): string | null {
  const [modelOut = 1, modelInputs = 1] = shape;
  if (inputs !== modelInputs) return `a layer of it takes ${inputs} inputs where the model has ${modelInputs}`;
  if (out !== modelOut) return `a layer of it gives ${out} outputs where the model has ${modelOut}`;
  const wanted = shape.reduce((a, b) => a * b, 1);
  return elements === wanted ? null : `a layer of it changes ${elements} numbers where the model has ${wanted}`;
}
