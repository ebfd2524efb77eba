/** Small files for tests, written into memory by the project's own writer. */

import { bufferSource } from "../../formats/byte-source.ts";
import type { Dtype } from "../../formats/dtype.ts";
import { encodeSafetensors } from "../../formats/safetensors/writer.ts";
import type { ModelFile } from "../files.ts";
import type { WeightSource } from "../types.ts";
import { missingWeight } from "../weights.ts";

export type TinyTensor = readonly [name: string, shape: readonly number[], values?: readonly number[] | Float32Array];

/** A safetensors file; tensors without values are filled with small numbers that differ from tensor to tensor. */
export function tinyFile(
  path: string,
  tensors: readonly TinyTensor[],
  options: { metadata?: Record<string, string>; dtype?: Dtype } = {},
): ModelFile {
  const bytes = encodeSafetensors(
    tensors.map(([name, shape, values]) => ({
      name,
      dtype: options.dtype ?? "F32",
      shape,
      data: values === undefined ? scattered(name, shape) : Float32Array.from(values),
    })),
    options.metadata,
  );
  return { path, source: bufferSource(bytes, path) };
}

export function jsonFile(path: string, value: unknown): ModelFile {
  return { path, source: bufferSource(new TextEncoder().encode(JSON.stringify(value)), path) };
}

/** Numbers in [-0.5, 0.5) that depend on the name alone. */
export function scattered(name: string, shape: readonly number[]): Float32Array {
  let state = [...name].reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193), 0x811c9dc5) >>> 0;
  return Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** Weights in memory. */
export function weightsOf(
  tensors: Readonly<Record<string, { shape: readonly number[]; values: readonly number[] | Float32Array }>>,
): WeightSource {
  const find = (key: string) => tensors[key] ?? missingWeight("test", key);
  return {
    has: (key) => Object.hasOwn(tensors, key),
    shape: (key) => find(key).shape,
    keys: () => Object.keys(tensors),
    read: async (key) => Float32Array.from(find(key).values),
  };
}
