/** Weights of a component under canonical names, read from its files tensor by tensor. */

import { ZoetropeError } from "../core/errors.ts";
import type { ElementRange } from "../formats/tensor-file.ts";
import type { TensorRef } from "./tensors.ts";
import type { StoredWeight, WeightSource } from "./types.ts";

/** A tensor under its canonical name. `shape` may group the stored dimensions in another way, such as without those of 1. */
export interface NamedTensor {
  readonly ref: TensorRef;
  readonly shape: readonly number[];
  /** The part of the stored tensor that it is. Absent: the whole. */
  readonly range?: ElementRange;
}

export type NamedTensors = ReadonlyMap<string, NamedTensor>;

export function fileWeights(tensors: NamedTensors, fileName: string): WeightSource {
  const find = (key: string): NamedTensor => tensors.get(key) ?? missingWeight(fileName, key);
  return {
    has: (key) => tensors.has(key),
    shape: (key) => find(key).shape,
    keys: () => tensors.keys(),
    read: (key) => readFinite(find(key).ref, find(key).range),
    stored: async (key): Promise<StoredWeight> => {
      const { ref, range } = find(key);
      const { file, info } = ref;
      const bytes = ownBytes(await file.readBytes(info.name, range));
      return { bytes, dtype: info.dtype, tensorName: info.name, fileName: file.name, changes: [] };
    },
  };
}

/** Bytes that own their whole buffer, so that it can be transferred to a worker. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return whole ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
}

export function missingWeight(fileName: string, key: string): never {
  throw new ZoetropeError("weights/missing", {
    message: `${fileName} lacks the weights "${key}".`,
    hint: "The file is incomplete or belongs to another kind of model. Download it again or choose another.",
  });
}

/** The tensor, or a range of it, as fp32. Throws `weights/not-finite` on NaN or infinity, with the tensor's name in the file. */
export async function readFinite({ file, info }: TensorRef, range?: ElementRange): Promise<Float32Array<ArrayBuffer>> {
  const values = await file.readFloat32(info.name, range);
  checkFinite(values, info.name, file.name);
  return values;
}

/** @throws `weights/not-finite` */
export function checkFinite(values: Float32Array, tensorName: string, fileName: string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) continue;
    throw new ZoetropeError("weights/not-finite", {
      message: `${fileName} holds ${Number.isNaN(value) ? "NaN (not a number)" : "infinity"} in "${tensorName}".`,
      hint: "The model was damaged when it was merged or converted; every picture would be black. Choose another version of it.",
    });
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** A tensor that the architecture requires: canonical key and shape. */
export type Place = readonly [key: string, shape: readonly number[]];

/**
 * Picks the tensors that an architecture requires out of canonically named ones. A stored [O, I, 1, 1] serves as [O, I].
 * @throws `weights/missing` or `weights/shape`, naming file and key
 */
export function takePlaces(
  tensors: ReadonlyMap<string, TensorRef>,
  places: Iterable<Place>,
  fileName: string,
): Map<string, NamedTensor> {
  const taken = new Map<string, NamedTensor>();
  for (const [key, shape] of places) {
    const ref = tensors.get(key) ?? missingWeight(fileName, key);
    const stored = ref.info.shape;
    const squeezed = stored.length === 4 && stored[2] === 1 && stored[3] === 1 ? stored.slice(0, 2) : stored;
    if (!sameShape(stored, shape) && !sameShape(squeezed, shape)) {
      throw new ZoetropeError("weights/shape", {
        message: `${fileName} stores "${ref.info.name}" as [${stored.join(", ")}] where [${shape.join(", ")}] belongs.`,
        hint: "The file belongs to another kind of model, or its config.json to another file.",
      });
    }
    taken.set(key, { ref, shape });
  }
  return taken;
}

/** The first tensor whose name matches `inside` and that the architecture has no use for. */
export function firstStranger(tensors: ReadonlyMap<string, TensorRef>, taken: NamedTensors, inside: RegExp): TensorRef | null {
  for (const [key, ref] of tensors) if (!taken.has(key) && inside.test(key)) return ref;
  return null;
}
