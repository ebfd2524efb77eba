/**
 * Encodings of a weight for the graph: dtype, layout and quantisation. An encoding declares in advance which tensors it makes, so
 * that shards can be laid out before a byte is read, and turns fp32 data into their bytes.
 *
 * Block quantisation follows com.microsoft.MatMulNBits: [N, K] is cut along K into blocks of 32, 64 or 128, each with one
 * scale; values are unsigned with zero point 2^(bits-1); 4-bit values are packed two to a byte, low nibble first.
 */

import { toFp16 } from "../formats/fp16.ts";
import type { TensorType } from "../formats/onnx/model.ts";

export interface StoredTensor {
  /** Names the tensor behind its key: `conv1.weight|f32`. */
  readonly suffix: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
}

export interface Encoding {
  readonly id: string;
  tensors(shape: readonly number[]): readonly StoredTensor[];
  /** One buffer per tensor, in the same order. */
  encode(data: Float32Array, shape: readonly number[]): readonly Uint8Array[];
  /** Each row of the weight gives one run of bytes of every tensor, so that a weight can be encoded a few rows at a time. */
  readonly byRows: boolean;
  /** The same from fp16 bit patterns, where no arithmetic is needed. */
  encodeFp16?(codes: Uint16Array, shape: readonly number[]): readonly Uint8Array[];
}

/** Values along K that share a scale. */
export type BlockSize = 32 | 64 | 128;

/** As it is, fp32. */
export const f32: Encoding = {
  id: "f32",
  tensors: (shape) => [{ suffix: "f32", type: "float32", shape }],
  encode: (data) => [bytes(data)],
  byRows: true,
};

/** As it is, rounded to fp16. */
export const f16: Encoding = {
  id: "f16",
  tensors: (shape) => [{ suffix: "f16", type: "float16", shape }],
  encode: (data) => [bytes(toFp16(data))],
  byRows: true,
  encodeFp16: (codes) => [bytes(codes)],
};

/** A linear's [out, in] (or 1×1 convolution's [out, in, 1, 1]) as the [in, out] that MatMul multiplies with. */
export const transposedF32: Encoding = {
  id: "f32t",
  tensors: (shape) => [{ suffix: "f32t", type: "float32", shape: [shape[1]!, shape[0]!] }],
  encode: (data, shape) => [bytes(transpose(data, new Float32Array(data.length), shape[0]!, shape[1]!))],
  byRows: false,
};

export const transposedF16: Encoding = {
  id: "f16t",
  tensors: (shape) => [{ suffix: "f16t", type: "float16", shape: [shape[1]!, shape[0]!] }],
  encode: (data, shape) => transposedF16.encodeFp16!(toFp16(data), shape),
  byRows: false,
  encodeFp16: (codes, shape) => [bytes(transpose(codes, new Uint16Array(codes.length), shape[0]!, shape[1]!))],
};

/** The longest blocks that divide a row of K values: longer ones are faster on processors, and none may extend past the row. */
export function longestBlock(k: number): BlockSize {
  return k % 128 === 0 ? 128 : k % 64 === 0 ? 64 : 32;
}

/** A linear's [N, K] in blocks for MatMulNBits: packed [N, K/block, block·bits/8] and scales [N·K/block]. K is padded with zeros. */
export function blockQuantised(bits: 4 | 8, block: BlockSize = 32): Encoding {
  return (bits === 8 ? Q8 : Q4)[block];
}

const Q8 = ofEachBlock((block) => quantised(8, block));
const Q4 = ofEachBlock((block) => quantised(4, block));

function quantised(bits: 4 | 8, block: BlockSize): Encoding {
  const id = named(`q${bits}`, block);
  return {
    id,
    tensors: ([n, k]) => {
      const blocks = Math.ceil(k! / block);
      return [
        { suffix: id, type: "uint8", shape: [n!, blocks, (block * bits) / 8] },
        { suffix: `${id}.scale`, type: "float32", shape: [n! * blocks] },
      ];
    },
    encode: (data, [n, k]) => {
      const { packed, scales } = quantiseRows(data, n!, k!, bits, block);
      return [packed, bytes(scales)];
    },
    byRows: true,
  };
}

/**
 * A k×k convolution [O, I, kh, kw] as kh·kw matrices [O, I], each block-quantised along I, for the sum of shifted
 * slices through MatMulNBits (see scope.ts). Tensors: for each tap its packed matrix and its scales.
 */
export function tapsQ8(block: BlockSize = 32): Encoding {
  return TAPS[block];
}

const TAPS = ofEachBlock((block): Encoding => {
  const id = named("taps8", block);
  return {
    id,
    tensors: ([o, i, kh, kw]) => {
      const blocks = Math.ceil(i! / block);
      return Array.from({ length: kh! * kw! }, (_, tap): StoredTensor[] => [
        { suffix: `${id}.${tap}`, type: "uint8", shape: [o!, blocks, block] },
        { suffix: `${id}.${tap}.scale`, type: "float32", shape: [o! * blocks] },
      ]).flat();
    },
    encode: (data, [o, i, kh, kw]) => {
      const taps = kh! * kw!;
      return Array.from({ length: taps }, (_, tap) => {
        const { packed, scales } = quantiseRows(data, o!, i!, 8, block, taps, tap);
        return [packed, bytes(scales)];
      }).flat();
    },
    byRows: true,
  };
});

function ofEachBlock(encoding: (block: BlockSize) => Encoding): Readonly<Record<BlockSize, Encoding>> {
  return { 32: encoding(32), 64: encoding(64), 128: encoding(128) };
}

function named(encoding: string, block: BlockSize): string {
  return block === 32 ? encoding : `${encoding}x${block}`;
}

const ALL: readonly Encoding[] = [
  f32,
  f16,
  transposedF32,
  transposedF16,
  ...[Q8, Q4, TAPS].flatMap((blocks) => Object.values(blocks)),
];

/** The encoding with this id, or null. Workers receive the id, because an encoding's functions cannot be sent to them. */
export function encodingById(id: string): Encoding | null {
  return ALL.find((encoding) => encoding.id === id) ?? null;
}

/**
 * data [n, k] -> blocks along k, symmetric round to nearest around the zero point 2^(bits-1). The signed peak of a
 * block goes to the end of the range that has one more value (-zero), as GGML's q4_0 does: at 4 bits the extra level is worth 6 % of the range.
 * @param stride elements from one value of a row to the next, the first at `first`: other values lie between them
 */
function quantiseRows(
  data: Float32Array,
  n: number,
  k: number,
  bits: 4 | 8,
  block: BlockSize,
  stride = 1,
  first = 0,
): { packed: Uint8Array; scales: Float32Array } {
  const blocks = Math.ceil(k / block);
  const perBlock = (block * bits) / 8;
  const packed = new Uint8Array(n * blocks * perBlock);
  const scales = new Float32Array(n * blocks);
  const zero = 1 << (bits - 1);
  const top = 2 * zero - 1;
  // Magnitudes of floats are ordered as their bits are, and comparing integers is cheaper.
  const patterns = new Int32Array(data.buffer, data.byteOffset, data.length);
  for (let row = 0; row < n; row++) {
    for (let index = 0; index < blocks; index++) {
      const at = row * blocks + index;
      const length = Math.min(block, k - index * block);
      const start = (row * k + index * block) * stride + first;
      const end = start + length * stride;
      let largest = 0;
      let peakAt = start;
      for (let i = start; i < end; i += stride) {
        const magnitude = patterns[i]! & 0x7fffffff;
        if (magnitude > largest) {
          largest = magnitude;
          peakAt = i;
        }
      }
      const scale = data[peakAt]! / -zero;
      scales[at] = scale;
      const inverse = scale === 0 ? 0 : 1 / scale;
      // All levels are positive, so cutting off after adding a half rounds to nearest.
      const middle = zero + 0.5;
      let out = at * perBlock;
      let i = start;
      if (bits === 8) {
        // Padding past k must decode to 0.
        if (length < block) packed.fill(zero, out, out + perBlock);
        for (; i < end; i += stride) {
          const level = (data[i]! * inverse + middle) | 0;
          packed[out++] = level > top ? top : level;
        }
      } else {
        if (length < block) packed.fill(zero | (zero << 4), out, out + perBlock);
        for (let j = 0; j < length; j += 2, i += 2 * stride) {
          const low = (data[i]! * inverse + middle) | 0;
          const high = j + 1 < length ? (data[i + stride]! * inverse + middle) | 0 : zero;
          packed[out++] = (low > top ? top : low) | ((high > top ? top : high) << 4);
        }
      }
    }
  }
  return { packed, scales };
}

/** [rows, columns] -> [columns, rows] */
function transpose<T extends Float32Array | Uint16Array>(data: T, out: T, rows: number, columns: number): T {
  const TILE = 32; // Tiles keep both sides in cache.
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    for (let c0 = 0; c0 < columns; c0 += TILE) {
      const r1 = Math.min(rows, r0 + TILE);
      const c1 = Math.min(columns, c0 + TILE);
      for (let r = r0; r < r1; r++) for (let c = c0; c < c1; c++) out[c * rows + r] = data[r * columns + c]!;
    }
  }
  return out;
}

function bytes(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
