import { expect, it } from "vitest";
import { toHalf } from "../formats/half.ts";
import { blockQuantised, tapsQ8, transposedF32 } from "./encodings.ts";

const ramp = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 5)));

/** Undoes com.microsoft.MatMulNBits' packing. */
function decode(bits: 4 | 8, packed: Uint8Array, scales: Float32Array, n: number, k: number): Float32Array {
  const blocks = Math.ceil(k / 32);
  return Float32Array.from({ length: n * k }, (_, at) => {
    const [row, column] = [Math.floor(at / k), at % k];
    const block = row * blocks + Math.floor(column / 32);
    const j = column % 32;
    const q = bits === 8 ? packed[block * 32 + j]! : (packed[block * 16 + (j >> 1)]! >> (4 * (j % 2))) & 15;
    return (q - (bits === 8 ? 128 : 8)) * scales[block]!;
  });
}

it.each([4, 8] as const)("%i-bit blocks decode to within half a step of the weights, with a last block cut short", (bits) => {
  const [n, k] = [3, 40];
  const data = ramp(n * k);
  const [packed, scaleBytes] = blockQuantised(bits).encode(data, [n, k]) as [Uint8Array, Uint8Array];
  const scales = new Float32Array(scaleBytes.slice().buffer);
  const decoded = decode(bits, packed, scales, n, k);
  for (let i = 0; i < data.length; i++) {
    const step = Math.abs(scales[Math.floor(i / k) * 2 + Math.floor((i % k) / 32)]!);
    // The largest value of the other sign may be clipped by one step at the short end of the range.
    expect(Math.abs(decoded[i]! - data[i]!)).toBeLessThanOrEqual(step * 1.001);
  }
});

it("what an encoding says of its tensors is what it writes", () => {
  for (const [encoding, shape] of [
    [blockQuantised(8), [6, 50]],
    [blockQuantised(4), [6, 50]],
    [tapsQ8, [6, 50, 3, 3]],
    [transposedF32, [6, 50]],
  ] as const) {
    const size = { float32: 4, uint8: 1, int8: 1, float16: 2, int64: 8, int32: 4 };
    const told = encoding.tensors(shape).map((t) => t.shape.reduce((a, b) => a * b, 1) * size[t.type]);
    const written = encoding.encode(ramp(shape.reduce((a, b) => a * b, 1 as number)), shape).map((b) => b.byteLength);
    expect(written, encoding.id).toEqual(told);
  }
});

it("a linear's weight is stored as MatMul multiplies with it", () => {
  const [bytes] = transposedF32.encode(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]) as [Uint8Array];
  expect([...new Float32Array(bytes.slice().buffer)]).toEqual([1, 4, 2, 5, 3, 6]);
});

it("halves round to nearest even, subnormals and infinities included", () => {
  const cases: [number, number][] = [
    [0, 0],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65520, 0x7c00],
    [1e9, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
  ];
  expect([...toHalf(Float32Array.from(cases, ([x]) => x))]).toEqual(cases.map(([, bits]) => bits));
  expect(toHalf(Float32Array.of(Number.NaN))[0]! & 0x7c00).toBe(0x7c00);
});
