/**
 * LoRA and LoCon: D = alpha/rank · up · down. `mid` is LoCon's Tucker core between two 1×1 convolutions.
 * Source: kohya-ss/sd-scripts `networks/lora.py`, KohakuBlueleaf/LyCORIS `modules/locon.py`.
 */

import { ZoetropeError } from "../../../core/errors.ts";
import { readFinite } from "../../weights.ts";
import { type AdapterLayer, type LowRank, misfitOf } from "../layer.ts";
import { foldCore, sizeOf } from "../matrices.ts";

export function readLowRank({ name, tensors, scale }: AdapterLayer, fileName: string): LowRank | null {
  const { down, up, mid } = tensors;
  if (down === undefined && up === undefined) return null;
  if (down === undefined || up === undefined) {
    throw new ZoetropeError("lora/incomplete", {
      message: `${fileName} holds only one half of the layer "${name}": ${down === undefined ? "down" : "up"} is missing.`,
      hint: "The file is incomplete. Download it again.",
    });
  }
  const fileRank = down.info.shape[0] ?? 0;
  const rank = mid?.info.shape[0] ?? fileRank;
  if (fileRank < 1 || up.info.shape[1] !== rank || (mid !== undefined && mid.info.shape[1] !== fileRank)) {
    throw new ZoetropeError("lora/bad-rank", {
      message: `${fileName}: the two factors of "${name}" differ in rank.`,
      hint: "The file is damaged. Download it again.",
    });
  }
  const [, ...inner] = down.info.shape;
  const kernel = mid === undefined ? 1 : sizeOf(mid.info.shape.slice(2));
  return {
    form: "low-rank",
    kind: "LoRA",
    layer: name,
    parameter: "weight",
    rank,
    scale: scale(fileRank),
    misfit: (shape) => misfitOfProduct(up.info.shape[0]!, sizeOf(inner) * kernel, inner[0] ?? 1, shape),
    read: async (shape) => {
      const [upValues, downValues] = await Promise.all([readFinite(up), readFinite(down)]);
      if (mid === undefined) return { up: upValues, down: downValues };
      return { up: upValues, down: foldCore(await readFinite(mid), downValues, mid.info.shape, shape[1]!) };
    },
  };
}

/** The file may flatten the inputs and the kernel of a convolution, so their product is what must agree. */
function misfitOfProduct(out: number, n: number, inputs: number, shape: readonly number[]): string | null {
  const [, modelInputs = 1, ...kernel] = shape;
  if (n === modelInputs * sizeOf(kernel)) return misfitOf([out, modelInputs], out * n, shape);
  return misfitOf([out, inputs], out * n, shape) ?? "a layer of it has another kernel than the model";
}
