/** Builds small PyTorch files of pickles written opcode by opcode, so that tests can hold what torch.save would never write. */

import { zipSync } from "fflate";

const encoder = new TextEncoder();

export function bytes(...parts: (string | number | Uint8Array | readonly number[])[]): Uint8Array {
  const arrays = parts.map((part) =>
    typeof part === "string" ? encoder.encode(part) : typeof part === "number" ? Uint8Array.of(part) : Uint8Array.from(part),
  );
  const out = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const array of arrays) {
    out.set(array, at);
    at += array.byteLength;
  }
  return out;
}

export function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

export function uint64(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

export const PROTOCOL_2 = bytes(0x80, 2);
export const PROTOCOL_4 = bytes(0x80, 4);

/** BINUNICODE */
export function text(value: string): Uint8Array {
  const encoded = encoder.encode(value);
  return bytes("X", uint32(encoded.byteLength), encoded);
}

/** LONG1 of 9 bytes: any number a shape could be given. */
export function integer(value: number): Uint8Array {
  return bytes(0x8a, 9, new Uint8Array(BigInt64Array.of(BigInt(value)).buffer), value < 0 ? 0xff : 0);
}

export function tuple(...items: Uint8Array[]): Uint8Array {
  return bytes("(", ...items, "t");
}

export function global(module: string, name: string): Uint8Array {
  return bytes("c", module, "\n", name, "\n");
}

/** {"key": value}, a whole pickle. */
export function dictOf(key: string, value: Uint8Array): Uint8Array {
  return bytes(PROTOCOL_2, "}", text(key), value, "s.");
}

export interface TensorToBuild {
  readonly key?: string;
  readonly type?: string;
  /** Elements of the storage. */
  readonly length?: number;
  readonly offset?: number;
  readonly size?: readonly number[];
  readonly stride?: readonly number[];
}

/** 16 fp32 numbers of storage "0", unless told otherwise. */
export function tensor({
  key = "0",
  type = "FloatStorage",
  length = 16,
  offset = 0,
  size = [16],
  stride = [1],
}: TensorToBuild = {}): Uint8Array {
  const storage = bytes(tuple(text("storage"), global("torch", type), text(key), text("cpu"), integer(length)), "Q");
  const hooks = bytes(global("collections", "OrderedDict"), ")R");
  const numbers = [integer(offset), tuple(...size.map(integer)), tuple(...stride.map(integer))];
  return bytes(global("torch._utils", "_rebuild_tensor_v2"), tuple(storage, ...numbers, bytes(0x89), hooks), "R");
}

/** The archive of torch.save. Storage "0" holds 64 bytes unless told otherwise. */
export function archive(
  pickle: Uint8Array,
  records: Readonly<Record<string, Uint8Array>> = { "data/0": new Uint8Array(64) },
): Uint8Array {
  const inside = Object.entries({ "data.pkl": pickle, version: encoder.encode("3\n"), ...records });
  return zipSync(Object.fromEntries(inside.map(([name, data]) => [`archive/${name}`, data])), { level: 0 });
}

/** The old format: magic number, protocol, facts about the machine, then the object, the keys and the storages. */
export function legacy(pickle: Uint8Array, storages: Readonly<Record<string, Float32Array>>, littleEndian = true): Uint8Array {
  const keys = Object.keys(storages).map(text);
  const data = Object.values(storages).flatMap((values) => [uint64(BigInt(values.length)), new Uint8Array(values.buffer)]);
  return bytes(
    ...[PROTOCOL_2, [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], "."],
    ...[PROTOCOL_2, "M", [0xe9, 3], "."],
    ...[PROTOCOL_2, "}", text("little_endian"), littleEndian ? 0x88 : 0x89, "s."],
    ...[pickle, PROTOCOL_2, "](", ...keys, "e."],
    ...data,
  );
}
