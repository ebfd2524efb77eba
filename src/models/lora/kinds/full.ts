/**
 * Full differences of a weight and a bias: `diff` and `diff_b` of a layer, `w_norm` and `b_norm` of a norm.
 * Source: LyCORIS `modules/full.py` and `modules/norms.py`.
 */

import type { TensorRef } from "../../tensors.ts";
import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type Computed, misfitOf } from "../layer.ts";
import { sizeOf } from "../matrices.ts";

export function readFull({ name, tensors }: AdapterLayer): Computed[] {
  const weight = tensors.diff ?? tensors.w_norm;
  const bias = tensors.diff_b ?? tensors.b_norm;
  return [
    ...(weight === undefined ? [] : [difference(name, "weight", weight)]),
    ...(bias === undefined ? [] : [difference(name, "bias", bias)]),
  ];
}

function difference(layer: string, parameter: Computed["parameter"], ref: TensorRef): Computed {
  const { shape: own } = ref.info;
  return {
    form: "computed",
    kind: "full difference",
    layer,
    parameter,
    rank: null,
    misfit: (shape) => misfitOf([own[0] ?? 1, own[1] ?? 1], sizeOf(own), shape),
    difference: () => readFinite(ref),
  };
}
