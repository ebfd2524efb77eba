/**
 * DoRA: the adapter's change gives a direction V = W + D, whose columns or rows get learned lengths m; D' = V · m / |V| − W. A scale
 * [1, in] belongs to the inputs, [out, 1] and PEFT's vectors [out] to the outputs. The strength multiplies D', as in A1111 and ComfyUI.
 * Source: Liu et al. 2024 (arXiv 2402.09353), LyCORIS `modules/locon.py` (`apply_weight_decompose`), huggingface/peft `tuners/lora/dora.py`.
 */

import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type Computed, misfitOf, type WeightChange } from "../layer.ts";
import { product, sizeOf } from "../matrices.ts";

/** Smallest difference from 1 in fp32, as PyTorch's `finfo.eps`, added to lengths so that a zero row stays finite. */
const EPSILON = 2 ** -23;

/** `inner` with the lengths of the layer's `magnitude`; `inner` itself where the layer has none. */
export function withMagnitude(inner: WeightChange, { tensors }: AdapterLayer): WeightChange {
  const { magnitude } = tensors;
  if (magnitude === undefined) return inner;
  const lengths = sizeOf(magnitude.info.shape);
  const [first = 1, second = 1] = magnitude.info.shape;
  // PEFT stores [out] for linears and [1, out, 1, 1] for convolutions.
  const peft = magnitude.info.name.includes("magnitude");
  const perInput = !peft && magnitude.info.shape.length > 1 && first === 1 && second > 1;
  const dora: Computed = {
    form: "computed",
    kind: "DoRA",
    layer: inner.layer,
    parameter: "weight",
    rank: inner.rank,
    misfit: (shape) => {
      const [out = 1, inputs = 1] = shape;
      const own: [number, number] = perInput ? [out, lengths] : [lengths, inputs];
      return inner.misfit(shape) ?? misfitOf(own, sizeOf(shape), shape);
    },
    difference: async (original, shape) => {
      const direction = await differenceOf(inner, original, shape);
      for (let i = 0; i < direction.length; i++) direction[i]! += original[i]!;
      rescale(direction, await readFinite(magnitude), shape, perInput);
      for (let i = 0; i < direction.length; i++) direction[i]! -= original[i]!;
      return direction;
    },
  };
  return dora;
}

/** The change of the whole weight at strength 1, in memory of its own. */
async function differenceOf(change: WeightChange, original: Float32Array, shape: readonly number[]): Promise<Float32Array> {
  if (change.form === "computed") return Float32Array.from(await change.difference(original, shape));
  const { up, down } = await change.read(shape);
  const whole = product(up, down, shape[0]!, change.rank);
  return whole.map((value) => change.scale * value);
}

/** Gives each input's (or output's) slice of v [out, in, places] its length. */
function rescale(v: Float32Array, lengths: Float32Array, shape: readonly number[], perInput: boolean): void {
  const [out = 1, inputs = 1, ...kernel] = shape;
  const places = sizeOf(kernel);
  const slice = perInput ? (i: number) => Math.floor(i / places) % inputs : (i: number) => Math.floor(i / (inputs * places));
  const squares = new Float64Array(perInput ? inputs : out);
  for (let i = 0; i < v.length; i++) squares[slice(i)]! += v[i]! ** 2;
  const factors = squares.map((square, k) => lengths[k]! / (Math.sqrt(square) + EPSILON));
  for (let i = 0; i < v.length; i++) v[i]! *= factors[slice(i)]!;
}
