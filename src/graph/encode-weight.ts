/**
 * Turns a stored weight into the bytes that a graph reads: converts to fp32, adds low-rank changes, encodes. Where the encoding allows
 * it, a few rows at a time, so that the fp32 values stay in the processor's cache and take no memory.
 */

import { DTYPE_BYTES, toFloat32 } from "../formats/dtype.ts";
import { BYTES_PER_ELEMENT } from "../formats/onnx/model.ts";
import { addChange } from "../models/lora/matrices.ts";
import type { StoredWeight } from "../models/types.ts";
import { checkFinite } from "../models/weights.ts";
import type { Encoding } from "./encodings.ts";

/** fp32 values at a time: 256 KiB. */
const PIECE = 1 << 16;

/** @returns one buffer for each tensor of the encoding. Throws `weights/not-finite`. */
export function encodeWeight(stored: StoredWeight, shape: readonly number[], encoding: Encoding): readonly Uint8Array[] {
  if (encoding.encodeFp16 !== undefined && stored.dtype === "F16" && stored.changes.length === 0) {
    const codes = new Uint16Array(stored.bytes.buffer, stored.bytes.byteOffset, stored.bytes.byteLength / 2);
    if (allFinite(codes)) return encoding.encodeFp16(codes, shape);
  }
  const rows = shape[0] ?? 1;
  const rowLength = shape.reduce((a, b) => a * b, 1) / rows;
  if (!encoding.byRows) return encoding.encode(rowsOf(stored, 0, rows, rowLength), shape);

  const whole = encoding
    .tensors(shape)
    .map((t) => new Uint8Array(t.shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[t.type]));
  const step = Math.max(1, Math.floor(PIECE / rowLength));
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const pieces = encoding.encode(rowsOf(stored, row, count, rowLength), [count, ...shape.slice(1)]);
    for (const [i, piece] of pieces.entries()) whole[i]!.set(piece, (row * whole[i]!.length) / rows);
  }
  return whole;
}

/** Rows [first, first + count) as fp32, with their changes. */
function rowsOf(stored: StoredWeight, first: number, count: number, rowLength: number): Float32Array {
  const { bytes, dtype, changes } = stored;
  const size = rowLength * DTYPE_BYTES[dtype];
  const values = toFloat32(bytes.subarray(first * size, (first + count) * size), dtype);
  checkFinite(values, stored.tensorName, stored.fileName);
  for (const change of changes) addChange(values, change, first, rowLength);
  return values;
}

/** Infinity and NaN have all five bits of the exponent set. */
function allFinite(codes: Uint16Array): boolean {
  let top = 0;
  for (let i = 0; i < codes.length; i++) top |= (codes[i]! & 0x7c00) + 0x400;
  return (top & 0x8000) === 0;
}
