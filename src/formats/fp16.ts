/** IEEE 754 binary16, for engines without Float16Array: rounding to nearest even, subnormals and infinities included. */

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** fp32 values as the bit patterns of the nearest fp16. Values beyond 65504 become infinities. */
export function toFp16(data: Float32Array): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = fp16Bits(data[i]!);
  return out;
}

function fp16Bits(value: number): number {
  word[0] = value;
  const b = bits[0]!;
  const sign = (b >>> 16) & 0x8000;
  const magnitude = b & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude < 0x38800000) {
    // Subnormal: a multiple of 2^-24. Adding 0.5 to |value| makes the adder round to that grid.
    word[0] = Math.abs(value) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  // Rebias the exponent by 112 and round half to even on the 13 dropped bits.
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}
