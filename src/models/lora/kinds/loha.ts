/**
 * LoHa: D = alpha/rank · (w1_a · w1_b ∘ w2_a · w2_b), element by element; with Tucker cores t1 and t2 each factor is
 * Σ t[p,q] · a[p,out] · b[q,in]. Source: KohakuBlueleaf/LyCORIS `functional/loha.py`.
 */

import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type Computed, misfitOf } from "../layer.ts";
import { product, sizeOf, tucker } from "../matrices.ts";
import { required } from "../required.ts";

export function readLoha(layer: AdapterLayer, fileName: string): Computed | null {
  const { tensors, name, scale } = layer;
  if (!Object.keys(tensors).some((role) => role.startsWith("hada_"))) return null;
  const take = (role: "hada_w1_a" | "hada_w1_b" | "hada_w2_a" | "hada_w2_b") => required(layer, role, fileName);
  const [a1, b1, a2, b2] = [take("hada_w1_a"), take("hada_w1_b"), take("hada_w2_a"), take("hada_w2_b")];
  const [t1, t2] = [tensors.hada_t1, tensors.hada_t2];
  const rank = b1.info.shape[0] ?? 1;
  const out = t1 === undefined ? a1.info.shape[0]! : a1.info.shape[1]!;
  const n = sizeOf(b1.info.shape.slice(1)) * (t1 === undefined ? 1 : sizeOf(t1.info.shape.slice(2)));
  const factor = async (a: typeof a1, b: typeof b1, core: typeof t1, inputs: number) => {
    const [left, right] = await Promise.all([readFinite(a), readFinite(b)]);
    return core === undefined
      ? product(left, right, out, b.info.shape[0]!)
      : tucker(await readFinite(core), left, right, core.info.shape, out, inputs);
  };
  return {
    form: "computed",
    kind: "LoHa",
    layer: name,
    parameter: "weight",
    rank,
    misfit: (shape) => misfitOf([out, n / sizeOf(shape.slice(2))], out * n, shape),
    difference: async (_original, shape) => {
      const [one, two] = [await factor(a1, b1, t1, shape[1]!), await factor(a2, b2, t2, shape[1]!)];
      const scaled = scale(rank);
      return one.map((value, i) => scaled * value * two[i]!);
    },
  };
}
