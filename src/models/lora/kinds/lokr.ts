/**
 * LoKr: D = s · kron(w1, w2), where each factor is whole or itself a product of two, and w2 may have a Tucker core. s is alpha/rank,
 * once, and 1 where both factors are whole. Source: KohakuBlueleaf/LyCORIS `functional/lokr.py`; its `get_diff_weight` scales twice,
 * which neither its own `forward` nor ComfyUI does.
 */

import type { TensorRef } from "../../tensors.ts";
import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type Computed, misfitOf } from "../layer.ts";
import { kronecker, product, sizeOf, tucker } from "../matrices.ts";
import { required } from "../required.ts";

/** One factor of the Kronecker product: [out, inputs, places of the kernel]. */
interface Factor {
  readonly shape: readonly [out: number, inputs: number, places: number];
  /** null: stored whole. */
  readonly rank: number | null;
  read(): Promise<Float32Array>;
}

export function readLokr(layer: AdapterLayer, fileName: string): Computed | null {
  const { name, tensors, scale } = layer;
  if (!Object.keys(tensors).some((role) => role.startsWith("lokr_"))) return null;
  const w1 =
    tensors.lokr_w1 === undefined
      ? factored(required(layer, "lokr_w1_a", fileName), required(layer, "lokr_w1_b", fileName))
      : whole(tensors.lokr_w1);
  const w2 = tensors.lokr_w2 === undefined ? secondFactor(layer, fileName) : whole(tensors.lokr_w2);
  const rank = w2.rank ?? w1.rank;
  const [o1, i1] = w1.shape;
  const [o2, i2, places] = w2.shape;
  const inputsFor = (shape: readonly number[]) => (i1 * i2 * places) / sizeOf(shape.slice(2));
  return {
    form: "computed",
    kind: "LoKr",
    layer: name,
    parameter: "weight",
    rank,
    misfit: (shape) => misfitOf([o1 * o2, inputsFor(shape)], o1 * o2 * i1 * i2 * places, shape),
    difference: async (_original, shape) => {
      // A decomposed w2 keeps inputs and kernel in one dimension; the kernel's places follow from the weight.
      const kernel = sizeOf(shape.slice(2));
      const split: readonly [number, number, number] = [o2, (i2 * places) / kernel, kernel];
      const change = kronecker(await w1.read(), await w2.read(), [o1, i1], split);
      const scaled = rank === null ? 1 : scale(rank);
      return scaled === 1 ? change : change.map((value) => scaled * value);
    },
  };
}

function whole(ref: TensorRef): Factor {
  const [out = 1, inputs = 1, ...kernel] = ref.info.shape;
  return { shape: [out, inputs, sizeOf(kernel)], rank: null, read: () => readFinite(ref) };
}

function factored(a: TensorRef, b: TensorRef): Factor {
  const [out = 1, rank = 1] = a.info.shape;
  const [inputs = 1, ...kernel] = b.info.shape.slice(1);
  return {
    shape: [out, inputs, sizeOf(kernel)],
    rank,
    read: async () => product(await readFinite(a), await readFinite(b), out, rank),
  };
}

function secondFactor(layer: AdapterLayer, fileName: string): Factor {
  const [a, b] = [required(layer, "lokr_w2_a", fileName), required(layer, "lokr_w2_b", fileName)];
  const core = layer.tensors.lokr_t2;
  if (core === undefined) return factored(a, b);
  const [out, inputs] = [a.info.shape[1]!, b.info.shape[1]!];
  return {
    shape: [out, inputs, sizeOf(core.info.shape.slice(2))],
    rank: b.info.shape[0]!,
    read: async () => tucker(await readFinite(core), await readFinite(a), await readFinite(b), core.info.shape, out, inputs),
  };
}
