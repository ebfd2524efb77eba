/**
 * IA³ scales a layer's inputs or outputs: LyCORIS stores the change (W' = W · (1 + w)) and says by `on_input` which, PEFT the factor
 * itself (W' = W · l) as [out, 1] or [1, in]. Source: LyCORIS `modules/ia3.py`, huggingface/peft `tuners/ia3/layer.py`.
 */

import type { TensorRef } from "../../tensors.ts";
import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type Computed, misfitOf } from "../layer.ts";
import { sizeOf } from "../matrices.ts";
import { required } from "../required.ts";

export async function readIa3(layer: AdapterLayer, fileName: string): Promise<Computed | null> {
  const { name, tensors } = layer;
  if (tensors.ia3_l !== undefined) {
    const [first = 1, second = 1] = tensors.ia3_l.info.shape;
    return scaling(name, tensors.ia3_l, first === 1 && second > 1, 1);
  }
  if (tensors.on_input === undefined) return null;
  const [onInput] = await readFinite(tensors.on_input);
  return scaling(name, required(layer, "ia3", fileName), onInput !== 0, 0);
}

/** @param neutral the stored value that changes nothing */
function scaling(layer: string, ref: TensorRef, perInput: boolean, neutral: number): Computed {
  const count = sizeOf(ref.info.shape);
  return {
    form: "computed",
    kind: "IA³",
    layer,
    parameter: "weight",
    rank: null,
    misfit: (shape) => {
      const [out = 1, inputs = 1] = shape;
      return misfitOf(perInput ? [out, count] : [count, inputs], sizeOf(shape), shape);
    },
    difference: async (original, shape) => {
      const factors = await readFinite(ref);
      const places = sizeOf(shape.slice(2));
      const inputs = shape[1] ?? 1;
      return original.map((value, i) => {
        const at = perInput ? Math.floor(i / places) % inputs : Math.floor(i / (inputs * places));
        return value * (factors[at]! - neutral);
      });
    },
  };
}
