/**
 * The header of a GGUF file: metadata, then the name, shape, type and place of each tensor. Everything is checked before any of it is
 * believed. Source: ggml, docs/gguf.md (versions 2 and 3).
 */

import { bytesWords } from "../../core/amounts.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { type ByteSource, readExactly } from "../byte-source.ts";
import { DTYPE_BYTES } from "../dtype.ts";
import { type BlockType, OTHER_TYPES, type PlainType, TYPES } from "./blocks.ts";

export interface GgufTensor {
  readonly name: string;
  /** Outermost dimension first, unlike in the file. */
  readonly shape: readonly number[];
  readonly type: PlainType | BlockType;
  /** Bytes [begin, end) of the file. */
  readonly begin: number;
  readonly end: number;
}

export interface GgufHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly GgufTensor[];
}

const FIRST_READ = 1 << 20;
const LARGEST_HEADER = 64 * 2 ** 20;
const MOST_DIMENSIONS = 8;
const LONGEST_TEXT = 1000;
const DEEPEST_ARRAY = 4;
const DEFAULT_ALIGNMENT = 32;

/** The header goes on beyond the bytes at hand. */
class HeaderEnd extends Error {}

/** @throws ZoetropeError `gguf/damaged` or `gguf/unsupported`, naming the file */
export async function readHeader(source: ByteSource): Promise<GgufHeader> {
  const most = Math.min(source.size, LARGEST_HEADER);
  for (let length = Math.min(most, FIRST_READ); ; length = Math.min(most, 4 * length)) {
    const bytes = await readExactly(source, 0, length);
    try {
      return parseHeader(bytes, source);
    } catch (thrown) {
      if (!(thrown instanceof HeaderEnd)) throw thrown;
      if (length === most) return damaged(source.name, "ends before the description of its contents does");
    }
  }
}

function damaged(fileName: string, problem: string): never {
  throw new ZoetropeError("gguf/damaged", { message: `${fileName} is damaged: it ${problem}.`, hint: "Download it again." });
}

function unsupported(fileName: string, is: string): never {
  throw new ZoetropeError("gguf/unsupported", {
    message: `${fileName} ${is}.`,
    hint: "Look for the same model as .safetensors, or as GGUF of type F16, Q8_0, Q5_0, Q4_0 or Q2_K to Q6_K.",
  });
}

function parseHeader(bytes: Uint8Array, source: ByteSource): GgufHeader {
  const input = new Input(bytes);
  input.skip(4); // "GGUF"
  const version = input.uint32();
  if (version !== 2 && version !== 3) unsupported(source.name, `is a GGUF file of version ${version}, which is not read here`);
  const [tensorCount, entryCount] = [input.uint64(), input.uint64()];
  const metadata: Record<string, string> = {};
  const shapes = new Map<string, readonly number[]>();
  for (let i = 0; i < entryCount; i++) {
    const key = input.text();
    const value = input.value(input.uint32(), source.name);
    if (Array.isArray(value)) shapes.set(key, value);
    else if (value !== null && value.length <= LONGEST_TEXT) metadata[key] = value;
  }
  const found = Array.from({ length: Math.min(tensorCount, bytes.byteLength) }, () => tensorEntry(input, source.name));
  if (found.length < tensorCount) throw new HeaderEnd();
  const alignment = Number(metadata["general.alignment"] ?? DEFAULT_ALIGNMENT);
  if (!Number.isSafeInteger(alignment) || alignment < 1) damaged(source.name, "has no sensible alignment");
  const data = Math.ceil(input.position / alignment) * alignment;
  const names = new Set<string>();
  const tensors = found.map((entry): GgufTensor => {
    if (names.has(entry.name)) damaged(source.name, "holds two tensors of the same name");
    names.add(entry.name);
    const { name, type } = entry;
    const [begin, end] = [data + entry.offset, data + entry.offset + entry.bytes];
    if (end > source.size) damaged(source.name, `is cut short: ${bytesWords(end - source.size)} are missing`);
    return { name, type, begin, end, shape: originalShape(entry.shape, shapes.get(`comfy.gguf.orig_shape.${name}`)) };
  });
  return { metadata, tensors };
}

/** ComfyUI-GGUF flattens tensors that do not divide into blocks, and notes the shape they had. */
function originalShape(stored: readonly number[], noted: readonly number[] | undefined): readonly number[] {
  return noted !== undefined && countOf(noted) === countOf(stored) ? noted : stored;
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function tensorEntry(input: Input, fileName: string) {
  const name = input.text();
  const dimensions = input.uint32();
  if (dimensions > MOST_DIMENSIONS) damaged(fileName, `gives a tensor ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => input.uint64()).reverse();
  const number = input.uint32();
  const type =
    TYPES[number] ??
    unsupported(fileName, `stores tensors as ${OTHER_TYPES[number] ?? `type ${number}`}, which is not read here`);
  const offset = input.uint64();
  const count = countOf(shape);
  if (type.kind === "blocks" && (shape.at(-1) ?? 1) % type.numbers !== 0) damaged(fileName, "has rows that are no whole blocks");
  const bytes = type.kind === "plain" ? count * DTYPE_BYTES[type.dtype] : (count / type.numbers) * type.bytes;
  if (!Number.isSafeInteger(offset + bytes)) damaged(fileName, "describes a tensor larger than any file");
  return { name, shape, type, offset, bytes };
}

/** Bytes of metadata values that have a fixed length, by their type's number. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const TEXT = 8;
const ARRAY = 9;

class Input {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @returns where the skipped bytes begin */
  skip(length: number): number {
    if (length > this.#bytes.byteLength - this.position) throw new HeaderEnd();
    const begin = this.position;
    this.position += length;
    return begin;
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  uint64(): number {
    return Number(this.#view.getBigUint64(this.skip(8), true));
  }

  text(): string {
    const length = this.uint64();
    const begin = this.skip(length);
    return new TextDecoder().decode(this.#bytes.subarray(begin, begin + length));
  }

  /** Text and numbers as text, short arrays of numbers as they are; null for what no model needs. */
  value(type: number, fileName: string, depth = 0): string | number[] | null {
    if (type === TEXT) return this.text();
    if (type !== ARRAY) return String(this.#number(type, fileName));
    if (depth > DEEPEST_ARRAY) damaged(fileName, "nests lists without measure");
    const [inner, length] = [this.uint32(), this.uint64()];
    const fixed = FIXED_BYTES[inner];
    if (fixed !== undefined && length > MOST_DIMENSIONS) {
      this.skip(length * fixed);
      return null;
    }
    if (fixed !== undefined) return Array.from({ length }, () => Number(this.#number(inner, fileName)));
    for (let i = 0; i < length; i++) this.value(inner, fileName, depth + 1);
    return null;
  }

  #number(type: number, fileName: string): number | bigint | boolean {
    const at = this.skip(FIXED_BYTES[type] ?? damaged(fileName, `has metadata of the unknown type ${type}`));
    const view = this.#view;
    const readers: Readonly<Record<number, () => number | bigint | boolean>> = {
      0: () => view.getUint8(at),
      1: () => view.getInt8(at),
      2: () => view.getUint16(at, true),
      3: () => view.getInt16(at, true),
      4: () => view.getUint32(at, true),
      5: () => view.getInt32(at, true),
      6: () => view.getFloat32(at, true),
      7: () => view.getUint8(at) !== 0,
      10: () => view.getBigUint64(at, true),
      11: () => view.getBigInt64(at, true),
      12: () => view.getFloat64(at, true),
    };
    return readers[type]!();
  }
}
