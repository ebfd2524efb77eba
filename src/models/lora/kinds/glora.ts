/**
 * GLoRA: D = alpha/rank · (W · A + B) with A = a1 · a2 over the inputs and B = b1 · b2. Older files have the factors the other way
 * round: A = a2 · a1, B = b2 · b1. Source: Chavan et al. 2023 (arXiv 2306.07967), KohakuBlueleaf/LyCORIS `modules/glora.py`; for older
 * files AUTOMATIC1111's `network_glora.py`.
 */

import type { TensorRef } from "../../tensors.ts";
import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type Computed, misfitOf } from "../layer.ts";
import { product, sizeOf } from "../matrices.ts";
import { required } from "../required.ts";

/** [rows, columns] of a factor, whose second dimension counts all behind it. */
function flat({ info }: TensorRef): readonly [rows: number, columns: number] {
  const [rows = 1, ...rest] = info.shape;
  return [rows, sizeOf(rest)];
}

export function readGlora(layer: AdapterLayer, fileName: string): Computed | null {
  const { name, tensors, scale } = layer;
  if (tensors.a1 === undefined) return null;
  const [a1, a2] = [tensors.a1, required(layer, "a2", fileName)];
  const [b1, b2] = [required(layer, "b1", fileName), required(layer, "b2", fileName)];
  const rank = flat(a1)[1];
  const current = flat(a2)[0] === rank && flat(b1)[1] === rank && flat(b2)[0] === rank;
  return current ? change(name, scale, [a1, a2], [b1, b2]) : change(name, scale, [a2, a1], [b2, b1]);
}

type Factors = readonly [first: TensorRef, second: TensorRef];

/** @param a [in, rank] and [rank, in] @param b [out, rank] and [rank, in · places] */
function change(name: string, scale: (rank: number) => number, a: Factors, b: Factors): Computed {
  const [inputs, rank] = flat(a[0]);
  const [out] = flat(b[0]);
  const elements = out * flat(b[1])[1];
  const agree = flat(a[1])[0] === rank && flat(a[1])[1] === inputs && flat(b[0])[1] === flat(b[1])[0];
  return {
    form: "computed",
    kind: "GLoRA",
    layer: name,
    parameter: "weight",
    rank,
    misfit: (shape) => (agree ? misfitOf([out, inputs], elements, shape) : "the factors of a layer of it differ in rank"),
    difference: async (original, shape) => {
      const values = (ref: TensorRef) => readFinite(ref);
      const places = sizeOf(shape.slice(2));
      const change = product(await values(b[0]), await values(b[1]), out, flat(b[0])[1]);
      const narrow = overInputs(original, await values(a[0]), out, inputs, rank, places);
      const wide = overInputs(narrow, await values(a[1]), out, rank, inputs, places);
      const factor = scale(rank);
      return change.map((value, i) => factor * (value + wide[i]!));
    },
  };
}

/** w [out, from, places] · matrix [from, to] -> [out, to, places] */
function overInputs(w: Float32Array, matrix: Float32Array, out: number, from: number, to: number, places: number): Float32Array {
  const result = new Float32Array(out * to * places);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < from; i++) {
      for (let j = 0; j < to; j++) {
        const factor = matrix[i * to + j]!;
        for (let k = 0; k < places; k++) result[(o * to + j) * places + k]! += factor * w[(o * from + i) * places + k]!;
      }
    }
  }
  return result;
}
