/**
 * How one weight is stored for the graph: its dtype, layout and quantisation. An encoding says in advance which tensors it
 * makes (so that shards can be laid out before a byte is read) and turns fp32 data into their bytes.
 *
 * Block quantisation follows com.microsoft.MatMulNBits: [N, K] is cut along K into blocks of 32, each with one scale;
 * values are unsigned with zero point 2^(bits-1); 4-bit values are packed two to a byte, low nibble first.
 */

import { toHalf } from "../formats/half.ts";
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
}

export const BLOCK = 32;

/** As it is, fp32. */
export const f32: Encoding = {
  id: "f32",
  tensors: (shape) => [{ suffix: "f32", type: "float32", shape }],
  encode: (data) => [bytes(data)],
};

/** As it is, rounded to fp16. */
export const f16: Encoding = {
  id: "f16",
  tensors: (shape) => [{ suffix: "f16", type: "float16", shape }],
  encode: (data) => [bytes(toHalf(data))],
};

/** A linear's [out, in] (or 1×1 convolution's [out, in, 1, 1]) as the [in, out] that MatMul multiplies with. */
export const transposedF32: Encoding = {
  id: "f32t",
  tensors: (shape) => [{ suffix: "f32t", type: "float32", shape: [shape[1]!, shape[0]!] }],
  encode: (data, shape) => [bytes(transpose(data, shape[0]!, shape[1]!))],
};

export const transposedF16: Encoding = {
  id: "f16t",
  tensors: (shape) => [{ suffix: "f16t", type: "float16", shape: [shape[1]!, shape[0]!] }],
  encode: (data, shape) => [bytes(toHalf(transpose(data, shape[0]!, shape[1]!)))],
};

/** A linear's [N, K] in blocks of 32 for MatMulNBits: packed [N, K/32, 32·bits/8] and scales [N·K/32]. K is padded with zeros. */
export function blockQuantised(bits: 4 | 8): Encoding {
  return {
    id: `q${bits}`,
    tensors: ([n, k]) => {
      const blocks = Math.ceil(k! / BLOCK);
      return [
        { suffix: `q${bits}`, type: "uint8", shape: [n!, blocks, (BLOCK * bits) / 8] },
        { suffix: `q${bits}.scale`, type: "float32", shape: [n! * blocks] },
      ];
    },
    encode: (data, [n, k]) => {
      const { packed, scales } = quantiseRows(data, n!, k!, bits);
      return [packed, bytes(scales)];
    },
  };
}

/**
 * A k×k convolution [O, I, kh, kw] as kh·kw matrices [O, I], each block-quantised along I, for the sum of shifted
 * slices through MatMulNBits (see blocks.ts). Tensors: for each tap its packed matrix and its scales.
 */
export const tapsQ8: Encoding = {
  id: "taps8",
  tensors: ([o, i, kh, kw]) => {
    const blocks = Math.ceil(i! / BLOCK);
    return Array.from({ length: kh! * kw! }, (_, tap): StoredTensor[] => [
      { suffix: `taps8.${tap}`, type: "uint8", shape: [o!, blocks, BLOCK] },
      { suffix: `taps8.${tap}.scale`, type: "float32", shape: [o! * blocks] },
    ]).flat();
  },
  encode: (data, [o, i, kh, kw]) => {
    const taps = kh! * kw!;
    const matrix = new Float32Array(o! * i!);
    return Array.from({ length: taps }, (_, tap) => {
      for (let n = 0; n < matrix.length; n++) matrix[n] = data[n * taps + tap]!;
      const { packed, scales } = quantiseRows(matrix, o!, i!, 8);
      return [packed, bytes(scales)];
    }).flat();
  },
};

/** data [n, k] -> blocks of 32 along k, symmetric round to nearest around the zero point 2^(bits-1). */
function quantiseRows(data: Float32Array, n: number, k: number, bits: 4 | 8): { packed: Uint8Array; scales: Float32Array } {
  const blocks = Math.ceil(k / BLOCK);
  const perBlock = (BLOCK * bits) / 8;
  const packed = new Uint8Array(n * blocks * perBlock);
  const scales = new Float32Array(n * blocks);
  const zero = 1 << (bits - 1);
  const top = 2 * zero - 1;
  // A pair of zero points: padding past k must decode to 0.
  packed.fill(bits === 8 ? zero : zero | (zero << 4));
  for (let row = 0; row < n; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * k + block * BLOCK;
      const length = Math.min(BLOCK, k - block * BLOCK);
      const scale = blockScale(data, start, length, zero);
      scales[row * blocks + block] = scale;
      const inverse = scale === 0 ? 0 : 1 / scale;
      const out = (row * blocks + block) * perBlock;
      for (let j = 0; j < length; j++) {
        const q = Math.min(top, Math.max(0, Math.round(data[start + j]! * inverse) + zero));
        if (bits === 8) packed[out + j] = q;
        else if (j % 2 === 0) packed[out + (j >> 1)] = (packed[out + (j >> 1)]! & 0xf0) | q;
        else packed[out + (j >> 1)] = (packed[out + (j >> 1)]! & 0x0f) | (q << 4);
      }
    }
  }
  return { packed, scales };
}

/**
 * The signed peak of a block goes to the end of the range that has one more value (-zero), as GGML's q4_0 does:
 * at 4 bits the extra level is worth 6 % of the range.
 */
function blockScale(data: Float32Array, start: number, length: number, zero: number): number {
  let peak = 0;
  for (let j = start; j < start + length; j++) if (Math.abs(data[j]!) > Math.abs(peak)) peak = data[j]!;
  return peak / -zero;
}

function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
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
