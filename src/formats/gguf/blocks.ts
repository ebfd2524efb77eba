/**
 * The number types of GGUF, and how quantised blocks become fp32. A block holds 32 or 256 numbers that share scales.
 * Source: ggml, src/ggml-quants.c (`dequantize_row_…`) and src/ggml-common.h (`block_…`).
 */

import type { Dtype } from "../dtype.ts";

/** Numbers stored as they are. */
export interface PlainType {
  readonly kind: "plain";
  readonly dtype: Dtype;
}

/** Numbers stored in blocks. */
export interface BlockType {
  readonly kind: "blocks";
  readonly name: string;
  /** Numbers in a block, and the bytes it takes. */
  readonly numbers: number;
  readonly bytes: number;
  /** Writes the numbers of the block at byte `at` of `view` to `out`, from index `to` on. */
  readonly decode: (view: DataView, at: number, out: Float32Array, to: number) => void;
}

const plain = (dtype: Dtype): PlainType => ({ kind: "plain", dtype });
const blocks = (name: string, numbers: number, bytes: number, decode: BlockType["decode"]): BlockType => ({
  kind: "blocks",
  name,
  numbers,
  bytes,
  decode,
});

/** By ggml's numbers for them. */
export const TYPES: Readonly<Record<number, PlainType | BlockType>> = {
  0: plain("F32"),
  1: plain("F16"),
  2: blocks("Q4_0", 32, 18, (view, at, out, to) => {
    const d = float16(view, at);
    for (let i = 0; i < 16; i++) {
      const q = view.getUint8(at + 2 + i);
      out[to + i] = d * ((q & 15) - 8);
      out[to + i + 16] = d * ((q >> 4) - 8);
    }
  }),
  3: blocks("Q4_1", 32, 20, (view, at, out, to) => {
    const d = float16(view, at);
    const min = float16(view, at + 2);
    for (let i = 0; i < 16; i++) {
      const q = view.getUint8(at + 4 + i);
      out[to + i] = d * (q & 15) + min;
      out[to + i + 16] = d * (q >> 4) + min;
    }
  }),
  6: blocks("Q5_0", 32, 22, (view, at, out, to) => {
    const d = float16(view, at);
    const high = view.getUint32(at + 2, true);
    for (let i = 0; i < 16; i++) {
      const q = view.getUint8(at + 6 + i);
      out[to + i] = d * (((q & 15) | (((high >>> i) & 1) << 4)) - 16);
      out[to + i + 16] = d * (((q >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16);
    }
  }),
  7: blocks("Q5_1", 32, 24, (view, at, out, to) => {
    const d = float16(view, at);
    const min = float16(view, at + 2);
    const high = view.getUint32(at + 4, true);
    for (let i = 0; i < 16; i++) {
      const q = view.getUint8(at + 8 + i);
      out[to + i] = d * ((q & 15) | (((high >>> i) & 1) << 4)) + min;
      out[to + i + 16] = d * ((q >> 4) | (((high >>> (i + 16)) & 1) << 4)) + min;
    }
  }),
  8: blocks("Q8_0", 32, 34, (view, at, out, to) => {
    const d = float16(view, at);
    for (let i = 0; i < 32; i++) out[to + i] = d * view.getInt8(at + 2 + i);
  }),
  // 16 groups of 16, each with 4 bits of scale and 4 of minimum.
  10: blocks("Q2_K", 256, 84, (view, at, out, to) => {
    const d = float16(view, at + 80);
    const min = float16(view, at + 82);
    for (let group = 0; group < 16; group++) {
      const scales = view.getUint8(at + group);
      const { byte, shift } = twoBitGroup(group);
      for (let i = 0; i < 16; i++) {
        const q = (view.getUint8(at + 16 + byte + i) >> shift) & 3;
        out[to + 16 * group + i] = d * (scales & 15) * q - min * (scales >> 4);
      }
    }
  }),
  // 16 groups of 16 with 6 bits of scale; the third bit of each number lies in a mask of 32 bytes.
  11: blocks("Q3_K", 256, 110, (view, at, out, to) => {
    const d = float16(view, at + 108);
    for (let group = 0; group < 16; group++) {
      const low = view.getUint8(at + 96 + (group % 8)) >> (group < 8 ? 0 : 4);
      const high = view.getUint8(at + 104 + (group % 4)) >> (2 * (group >> 2));
      const scale = ((low & 15) | ((high & 3) << 4)) - 32;
      const { byte, shift } = twoBitGroup(group);
      for (let i = 0; i < 16; i++) {
        const mask = (view.getUint8(at + 16 * (group & 1) + i) >> (group >> 1)) & 1;
        const q = ((view.getUint8(at + 32 + byte + i) >> shift) & 3) - (mask === 1 ? 0 : 4);
        out[to + 16 * group + i] = d * scale * q;
      }
    }
  }),
  12: blocks("Q4_K", 256, 144, (view, at, out, to) => {
    const d = float16(view, at);
    const min = float16(view, at + 2);
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = sixBitScales(view, at + 4, group);
      for (let i = 0; i < 32; i++) {
        const q = fourBits(view, at + 16, group, i);
        out[to + 32 * group + i] = d * scale * q - min * minimum;
      }
    }
  }),
  13: blocks("Q5_K", 256, 176, (view, at, out, to) => {
    const d = float16(view, at);
    const min = float16(view, at + 2);
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = sixBitScales(view, at + 4, group);
      for (let i = 0; i < 32; i++) {
        const fifth = (view.getUint8(at + 16 + i) >> group) & 1;
        const q = fourBits(view, at + 48, group, i) | (fifth << 4);
        out[to + 32 * group + i] = d * scale * q - min * minimum;
      }
    }
  }),
  // Two halves of 128, each in four quarters of 32.
  14: blocks("Q6_K", 256, 210, (view, at, out, to) => {
    const d = float16(view, at + 208);
    for (let quarter = 0; quarter < 8; quarter++) {
      const [half, k] = [quarter >> 2, quarter & 3];
      for (let i = 0; i < 32; i++) {
        const low = view.getUint8(at + 64 * half + 32 * (k & 1) + i) >> (k < 2 ? 0 : 4);
        const high = view.getUint8(at + 128 + 32 * half + i) >> (2 * k);
        const scale = view.getInt8(at + 192 + 8 * half + 2 * k + (i >> 4));
        out[to + 32 * quarter + i] = d * scale * (((low & 15) | ((high & 3) << 4)) - 32);
      }
    }
  }),
  24: plain("I8"),
  25: plain("I16"),
  26: plain("I32"),
  27: plain("I64"),
  28: plain("F64"),
  30: plain("BF16"),
};

/** Names of types that are not read here, for messages. */
export const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: "Q8_1",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
};

function float16(view: DataView, at: number): number {
  const bits = view.getUint16(at, true);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** Each byte holds two bits of four numbers that lie 32 apart; groups of 16 alternate between the lower and upper 16 bytes. */
function twoBitGroup(group: number): { byte: number; shift: number } {
  return { byte: 32 * (group >> 3) + 16 * (group & 1), shift: 2 * ((group >> 1) & 3) };
}

/** Two groups of 32 share 32 bytes, the first in the lower four bits. */
function fourBits(view: DataView, at: number, group: number, i: number): number {
  return (view.getUint8(at + 32 * (group >> 1) + i) >> (group & 1 ? 4 : 0)) & 15;
}

/** Eight scales and eight minima of 6 bits in 12 bytes. */
function sixBitScales(view: DataView, at: number, group: number): { scale: number; minimum: number } {
  const byte = (i: number) => view.getUint8(at + i);
  if (group < 4) return { scale: byte(group) & 63, minimum: byte(group + 4) & 63 };
  const low = byte(group + 4);
  return { scale: (low & 15) | ((byte(group - 4) >> 6) << 4), minimum: (low >> 4) | ((byte(group) >> 6) << 4) };
}
