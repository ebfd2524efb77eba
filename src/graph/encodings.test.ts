import { expect, it } from "vitest";
import { toFp16 } from "../formats/fp16.ts";
import { BYTES_PER_ELEMENT } from "../formats/onnx/model.ts";
import { blockQuantised, longestBlock, tapsQ8, transposedF32 } from "./encodings.ts";

const ramp = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 5)));

/** Undoes com.microsoft.MatMulNBits' packing. */
function decode(bits: 4 | 8, size: number, packed: Uint8Array, scales: Float32Array, n: number, k: number): Float32Array {
  const blocks = Math.ceil(k / size);
  return Float32Array.from({ length: n * k }, (_, at) => {
    const [row, column] = [Math.floor(at / k), at % k];
    const block = row * blocks + Math.floor(column / size);
    const j = column % size;
    const q = bits === 8 ? packed[block * size + j]! : (packed[(block * size + j) >> 1]! >> (4 * (j % 2))) & 15;
    return (q - (bits === 8 ? 128 : 8)) * scales[block]!;
  });
}

it.each([
  [4, 32, 40],
  [8, 32, 40],
  [8, 64, 192],
  [8, 128, 256],
] as const)("%i-bit blocks of %i decode to within half a step of the weights", (bits, block, k) => {
  const n = 3;
  const data = ramp(n * k);
  const [packed, scaleBytes] = blockQuantised(bits, block).encode(data, [n, k]) as [Uint8Array, Uint8Array];
  const scales = new Float32Array(scaleBytes.slice().buffer);
  const decoded = decode(bits, block, packed, scales, n, k);
  for (let i = 0; i < data.length; i++) {
    const step = Math.abs(scales[Math.floor(i / k) * Math.ceil(k / block) + Math.floor((i % k) / block)]!);
    // The largest value of the other sign may be clipped by one step at the short end of the range.
    expect(Math.abs(decoded[i]! - data[i]!)).toBeLessThanOrEqual(step * 1.001);
  }
});

it("a row's blocks are the longest that divide it", () => {
  expect([40, 96, 320, 640, 1280].map(longestBlock)).toEqual([32, 32, 64, 128, 128]);
});

it("an encoding writes the tensors that it declares", () => {
  for (const [encoding, shape] of [
    [blockQuantised(8), [6, 50]],
    [blockQuantised(4), [6, 50]],
    [tapsQ8(), [6, 50, 3, 3]],
    [blockQuantised(8, 128), [6, 256]],
    [tapsQ8(64), [6, 128, 3, 3]],
    [transposedF32, [6, 50]],
  ] as const) {
    const declared = encoding.tensors(shape).map((t) => t.shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[t.type]);
    const written = encoding.encode(ramp(shape.reduce((a, b) => a * b, 1 as number)), shape).map((b) => b.byteLength);
    expect(written, encoding.id).toEqual(declared);
  }
});

it("a linear's weight is stored transposed, for MatMul", () => {
  const [bytes] = transposedF32.encode(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]) as [Uint8Array];
  expect([...new Float32Array(bytes.slice().buffer)]).toEqual([1, 4, 2, 5, 3, 6]);
});

it("fp16 rounds to nearest even, subnormals and infinities included", () => {
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
  expect([...toFp16(Float32Array.from(cases, ([x]) => x))]).toEqual(cases.map(([, bits]) => bits));
  expect(toFp16(Float32Array.of(Number.NaN))[0]! & 0x7c00).toBe(0x7c00);
});
