/**
 * Number types of stored tensors, under the names that safetensors gives them, and their conversion to and from fp32.
 * Source: https://github.com/huggingface/safetensors (format), OCP 8-bit floating point specification 1.0 (E4M3, E5M2).
 */

import { ZoetropeError } from "../core/errors.ts";
import { toFp16 } from "./fp16.ts";

/** Bytes per element. */
export const DTYPE_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

export function isDtype(name: unknown): name is Dtype {
  return typeof name === "string" && Object.hasOwn(DTYPE_BYTES, name);
}

/** Little-endian tensor bytes of any type as fp32. The result never shares memory with `bytes`. */
export function toFloat32(bytes: Uint8Array, dtype: Dtype): Float32Array<ArrayBuffer> {
  switch (dtype) {
    case "F32":
      return new Float32Array(copyOf(bytes));
    case "F16":
      return fromFp16(new Uint16Array(aligned(bytes, 2)));
    case "BF16":
      return fromBf16(new Uint16Array(aligned(bytes, 2)));
    case "F8_E4M3":
      return fromFp8(bytes, fp8Values("F8_E4M3"));
    case "F8_E5M2":
      return fromFp8(bytes, fp8Values("F8_E5M2"));
    case "F64":
      return Float32Array.from(new Float64Array(aligned(bytes, 8)));
    case "I64":
      return Float32Array.from(new BigInt64Array(aligned(bytes, 8)), Number);
    case "U64":
      return Float32Array.from(new BigUint64Array(aligned(bytes, 8)), Number);
    case "I32":
      return Float32Array.from(new Int32Array(aligned(bytes, 4)));
    case "U32":
      return Float32Array.from(new Uint32Array(aligned(bytes, 4)));
    case "I16":
      return Float32Array.from(new Int16Array(aligned(bytes, 2)));
    case "U16":
      return Float32Array.from(new Uint16Array(aligned(bytes, 2)));
    case "I8":
      return Float32Array.from(new Int8Array(aligned(bytes, 1)));
    case "U8":
      return Float32Array.from(bytes);
    case "BOOL":
      return Float32Array.from(bytes, (value) => (value === 0 ? 0 : 1));
  }
}

/** fp32 values in the bytes of `dtype` (F32, F16 or BF16), rounded to nearest, ties to even. */
export function fromFloat32(values: Float32Array, dtype: Dtype): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(copyOf(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
  switch (dtype) {
    case "F32":
      return bytes;
    case "F16":
      return new Uint8Array(toFp16(values).buffer);
    case "BF16":
      return new Uint8Array(
        Uint16Array.from(new Uint32Array(bytes.buffer), (b) => (b + 0x7fff + ((b >>> 16) & 1)) >>> 16).buffer,
      );
    default:
      throw new ZoetropeError("safetensors/dtype", { message: `fp32 values cannot be written as ${dtype}.` });
  }
}

function fromBf16(codes: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i++) bits[i] = codes[i]! << 16;
  return new Float32Array(bits.buffer);
}

// One function for each width: the engine compiles a loop over one kind of array faster.
function fromFp16(codes: Uint16Array): Float32Array<ArrayBuffer> {
  const table = fp16Values();
  const out = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = table[codes[i]!]!;
  return out;
}

function fromFp8(codes: Uint8Array, table: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = table[codes[i]!]!;
  return out;
}

let fp16Table: Float32Array | null = null;

/** Value of each of the 65,536 half floats; built on first use. */
function fp16Values(): Float32Array {
  if (fp16Table === null) {
    fp16Table = new Float32Array(65536);
    for (let code = 0; code < 65536; code++) fp16Table[code] = smallFloat(code, 5, 10);
  }
  return fp16Table;
}

const fp8Tables = new Map<Dtype, Float32Array>();

function fp8Values(dtype: "F8_E4M3" | "F8_E5M2"): Float32Array {
  let table = fp8Tables.get(dtype);
  if (table === undefined) {
    table = new Float32Array(256);
    for (let code = 0; code < 256; code++) table[code] = dtype === "F8_E5M2" ? smallFloat(code, 5, 2) : e4m3(code);
    fp8Tables.set(dtype, table);
  }
  return table;
}

/** E4M3 has no infinities: its top exponent holds ordinary numbers, and only all ones is NaN. */
function e4m3(code: number): number {
  if ((code & 0x7f) === 0x7f) return Number.NaN;
  const exponent = (code >> 3) & 15;
  const mantissa = code & 7;
  const magnitude = exponent === 0 ? (mantissa / 8) * 2 ** -6 : (1 + mantissa / 8) * 2 ** (exponent - 7);
  return code & 0x80 ? -magnitude : magnitude;
}

/** An IEEE-like float of 1 sign bit, `e` exponent bits and `m` mantissa bits. */
function smallFloat(code: number, e: number, m: number): number {
  const sign = code >> (e + m) ? -1 : 1;
  const top = 2 ** e - 1;
  const exponent = (code >> m) & top;
  const fraction = (code & (2 ** m - 1)) / 2 ** m;
  const bias = 2 ** (e - 1) - 1;
  if (exponent === top) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** A buffer of exactly these bytes. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** The bytes' own buffer where a typed array of `size`-byte elements can be laid over all of it, else a copy. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  const { buffer } = bytes;
  const whole = bytes.byteOffset === 0 && bytes.byteLength === buffer.byteLength && bytes.byteLength % size === 0;
  return whole && buffer instanceof ArrayBuffer ? buffer : copyOf(bytes);
}
