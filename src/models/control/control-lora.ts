/**
 * Control-LoRAs (Stability AI): ControlNets whose weights are low-rank changes of the checkpoint's UNet. `PATH.up` and `PATH.down`
 * stand for a change of `PATH.weight`; biases, norms, the hint network and the zero convolutions are stored whole.
 * Source: ComfyUI `comfy/controlnet.py`, `ControlLora` and `ControlLoraOps`.
 */

import type { TensorFile, TensorInfo } from "../../formats/tensor-file.ts";
import { product } from "../lora/matrices.ts";
import type { TensorRef, TensorTable } from "../tensors.ts";

/** A tensor of this name marks them. */
export const CONTROL_LORA = "lora_controlnet";

/** The file as a ControlNet's, with the product of its factors where it has them. */
export function expandControlLora(table: TensorTable): TensorTable {
  const expanded = new Map<string, TensorRef>();
  for (const [key, ref] of table) {
    if (key === CONTROL_LORA || key.endsWith(".down")) continue;
    const path = key.endsWith(".up") ? key.slice(0, -".up".length) : null;
    const down = path === null ? undefined : table.get(`${path}.down`);
    if (path === null || down === undefined) expanded.set(key, ref);
    else expanded.set(`${path}.weight`, productOf(`${path}.weight`, ref, down));
  }
  return expanded;
}

/** Whether a weight is a change of the checkpoint's. */
export function isProduct({ file }: TensorRef): boolean {
  return products.has(file);
}

const products = new WeakSet<TensorFile>();

/** up [O, R, …] · down [R, I, …] as a tensor [O, I, …] that is computed when it is read. */
function productOf(name: string, up: TensorRef, down: TensorRef): TensorRef {
  const [out, rank] = up.info.shape as [number, number];
  const info: TensorInfo = { name, dtype: "F32", shape: [out, ...down.info.shape.slice(1)] };
  const whole = async (): Promise<Float32Array<ArrayBuffer>> => {
    const [left, right] = await Promise.all([up.file.readFloat32(up.info.name), down.file.readFloat32(down.info.name)]);
    return product(left, right, out, rank);
  };
  const file: TensorFile = {
    name: up.file.name,
    metadata: up.file.metadata,
    tensors: new Map([[name, info]]),
    readFloat32: async (_, range) => (range === undefined ? whole() : (await whole()).slice(range.begin, range.end)),
    readBytes: async (_, range) => {
      const all = await whole();
      return new Uint8Array((range === undefined ? all : all.slice(range.begin, range.end)).buffer);
    },
  };
  products.add(file);
  return { file, info };
}
