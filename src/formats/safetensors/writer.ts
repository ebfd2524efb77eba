/** Writes safetensors into memory: for dumps, tests and small exports. */

import { ZoetropeError } from "../../core/errors.ts";
import { DTYPE_BYTES, type Dtype, fromFloat32 } from "../dtype.ts";

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** fp32 values for F32, F16 and BF16 (rounded to nearest even), otherwise an array of the type's own bytes. */
  readonly data: ArrayBufferView;
}

/** Wider types come first so that every tensor is aligned, as the reference writer does. */
export function encodeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort((a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);
  const entries: [string, unknown][] = metadata === undefined ? [] : [["__metadata__", metadata]];
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of ordered) {
    const bytes = bytesOf(tensor);
    entries.push([tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, offset + bytes.byteLength] }]);
    parts.push(bytes);
    offset += bytes.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerLength = Math.ceil(json.byteLength / 8) * 8;
  const file = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const part of parts) {
    file.set(part, at);
    at += part.byteLength;
  }
  return file;
}

function bytesOf({ name, dtype, shape, data }: TensorToWrite): Uint8Array {
  const bytes =
    data instanceof Float32Array && (dtype === "F32" || dtype === "F16" || dtype === "BF16")
      ? fromFloat32(data, dtype)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const expected = shape.reduce((product, size) => product * size, 1) * DTYPE_BYTES[dtype];
  if (bytes.byteLength !== expected) {
    throw new ZoetropeError("safetensors/size-mismatch", {
      message: `"${name}" has ${bytes.byteLength} bytes, but [${shape.join(", ")}] in ${dtype} takes ${expected}.`,
    });
  }
  return bytes;
}
