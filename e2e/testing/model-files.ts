/** Model files for the studio's tests: files of the parity kit and of Mini, and damaged or foreign ones derived from them. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bufferSource } from "../../src/formats/byte-source.ts";
import { openSafetensors } from "../../src/formats/safetensors/reader.ts";
import { encodeSafetensors, type TensorToWrite } from "../../src/formats/safetensors/writer.ts";
import * as pickle from "../../src/formats/torch/testing/archive.ts";
import { kitBytes } from "../../src/runtime/testing/parity-kit.ts";
import type { TestFile } from "./studio.ts";

/** A model of the parity kit. */
export function kitFile(name: string): TestFile {
  return { name: `${name}.safetensors`, bytes: kitBytes(`models/${name}.safetensors`) };
}

/** Mini's neon LoRA under a name that the shelf does not have. */
export function neonFile(name: string): TestFile {
  const path = fileURLToPath(new URL("../../public/models/mini/loras/neon.safetensors", import.meta.url));
  return { name, bytes: readFileSync(path) };
}

const STORAGES = { F32: "FloatStorage", F16: "HalfStorage", I64: "LongStorage" } as const;

/** The same tensors as torch.save writes a trainer's checkpoint: {"state_dict": {…}}. */
export async function pickled({ name, bytes }: TestFile, newName: string): Promise<TestFile> {
  const file = await openSafetensors(bufferSource(Uint8Array.from(bytes), name));
  const records: Record<string, Uint8Array> = {};
  const entries: Uint8Array[] = [];
  for (const [i, { name: tensorName, dtype, shape }] of [...file.tensors.values()].entries()) {
    records[`data/${i}`] = await file.readBytes(tensorName);
    const stride = shape.map((_size, at) => shape.slice(at + 1).reduce((product, size) => product * size, 1));
    const length = shape.reduce((product, size) => product * size, 1);
    const type = STORAGES[dtype as keyof typeof STORAGES];
    entries.push(pickle.text(tensorName), pickle.tensor({ key: String(i), type, length, size: shape, stride }));
  }
  const stateDict = pickle.bytes("}(", ...entries, "u");
  return { name: newName, bytes: pickle.archive(pickle.dictOf("state_dict", stateDict), records) };
}

/** A pickle that creates a file where Python opens it. */
export function hostileFile(name: string): TestFile {
  const call = pickle.bytes(pickle.global("posix", "system"), pickle.tuple(pickle.text("touch /tmp/pwned")), "R");
  return { name, bytes: pickle.archive(pickle.dictOf("state_dict", call)) };
}

export function textFile(name: string, text: string): TestFile {
  return { name, bytes: new TextEncoder().encode(text) };
}

/** The first `share` of a file, as after an interrupted download. */
export function truncated(file: TestFile, share: number): TestFile {
  return { ...file, bytes: file.bytes.subarray(0, Math.floor(file.bytes.byteLength * share)) };
}

/** A file whose tensors are all zero. */
export function zerosFile(name: string, shapes: Readonly<Record<string, readonly number[]>>): TestFile {
  return { name, bytes: encodeSafetensors(Object.entries(shapes).map(([key, shape]) => zeros(key, shape))) };
}

/** The same file with additional tensors that no model has a layer for. */
export async function withStrayLayers(
  { name, bytes }: TestFile,
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<TestFile> {
  const file = await openSafetensors(bufferSource(Uint8Array.from(bytes), name));
  const own = await Promise.all(
    [...file.tensors].map(
      async ([key, { dtype, shape }]): Promise<TensorToWrite> => ({ name: key, dtype, shape, data: await file.readBytes(key) }),
    ),
  );
  const strays = Object.entries(shapes).map(([key, shape]) => zeros(key, shape));
  return { name, bytes: encodeSafetensors([...own, ...strays], file.metadata) };
}

/** The same tensors with other metadata. */
export async function withMetadata({ name, bytes }: TestFile, metadata: Readonly<Record<string, string>>): Promise<TestFile> {
  const file = await openSafetensors(bufferSource(Uint8Array.from(bytes), name));
  const own = [...file.tensors].map(
    async ([key, { dtype, shape }]): Promise<TensorToWrite> => ({ name: key, dtype, shape, data: await file.readBytes(key) }),
  );
  return { name, bytes: encodeSafetensors(await Promise.all(own), metadata) };
}

/** A textual inversion of `count` small, different vectors. */
export function embeddingFile(name: string, count: number, width: number): TestFile {
  const data = Float32Array.from({ length: count * width }, (_, i) => Math.sin(i * i) / 10);
  return { name, bytes: encodeSafetensors([{ name: "emb_params", dtype: "F32", shape: [count, width], data }]) };
}

/** The same file with NaN as the first value of `tensor`. */
export async function withNan({ name, bytes }: TestFile, tensor: string): Promise<TestFile> {
  const copy = Uint8Array.from(bytes);
  const info = (await openSafetensors(bufferSource(copy, name))).tensors.get(tensor);
  if (info === undefined) throw new Error(`${name} has no ${tensor}`);
  const nan = { F32: [0, 0, 0xc0, 0x7f], F16: [0, 0x7e], BF16: [0xc0, 0x7f] }[info.dtype as "F32" | "F16" | "BF16"];
  copy.set(nan, info.begin);
  return { name, bytes: copy };
}

function zeros(name: string, shape: readonly number[]): TensorToWrite {
  return { name, dtype: "F32", shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
}
