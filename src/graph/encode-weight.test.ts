import { expect, it } from "vitest";
import { fromFloat32 } from "../formats/dtype.ts";
import type { LowRankChange, StoredWeight } from "../models/types.ts";
import { encodeWeight } from "./encode-weight.ts";
import { blockQuantised, f16, f32, tapsQ8, transposedF16, transposedF32 } from "./encodings.ts";

const wave = (n: number, step: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * step) * (1 + (i % 7)));

const stored = (values: Float32Array, dtype: "F16" | "F32", changes: LowRankChange[] = []): StoredWeight => ({
  bytes: fromFloat32(values, dtype),
  dtype,
  tensorName: "t",
  fileName: "f.safetensors",
  changes,
});

const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]) =>
  a.length === b.length && a.every((bytes, i) => Buffer.compare(bytes, b[i]!) === 0);

// More rows than one piece holds, and rows that do not divide into it.
it.each([
  ["f32", f32, [700, 150]],
  ["f16", f16, [700, 150]],
  ["transposed f32", transposedF32, [700, 150]],
  ["transposed f16", transposedF16, [700, 150]],
  ["q8", blockQuantised(8), [700, 150]],
  ["q4", blockQuantised(4), [700, 150]],
  ["taps", tapsQ8(), [300, 40, 3, 3]],
  ["q8, blocks of 128", blockQuantised(8, 128), [700, 256]],
  ["taps, blocks of 64", tapsQ8(64), [300, 64, 3, 3]],
] as const)("piece by piece gives the bytes that the whole weight gives: %s", (_, encoding, shape) => {
  const values = wave(
    (shape as readonly number[]).reduce((a, b) => a * b, 1),
    0.37,
  );
  expect(same(encodeWeight(stored(values, "F32"), shape, encoding), encoding.encode(values, shape))).toBe(true);
  const fp16 = stored(values, "F16");
  const rounded = new Float32Array(encodeWeight(fp16, shape, f32)[0]!.slice().buffer);
  expect(same(encodeWeight(fp16, shape, encoding), encoding.encode(rounded, shape))).toBe(true);
});

it("a low-rank change reaches every row, also those of later pieces", () => {
  const change = { up: wave(600 * 2, 0.2), down: wave(2 * 150, 0.3), rank: 2, factor: 0.5 };
  const [bytes] = encodeWeight(stored(new Float32Array(600 * 150), "F16", [change]), [600, 150], f32) as [Uint8Array];
  const values = new Float32Array(bytes.slice().buffer);
  for (const [row, column] of [
    [0, 0],
    [436, 149],
    [437, 0],
    [599, 77],
  ] as const) {
    const expected = 0.5 * (change.up[row * 2]! * change.down[column]! + change.up[row * 2 + 1]! * change.down[150 + column]!);
    expect(values[row * 150 + column]).toBeCloseTo(expected, 4);
  }
});

it.each([
  ["f16", f16],
  ["q8", blockQuantised(8)],
  ["transposed f16", transposedF16],
] as const)("NaN is refused by the name it has in the file: %s", (_, encoding) => {
  const values = wave(64 * 32, 0.1);
  values[2000] = Number.NaN;
  expect(() => encodeWeight(stored(values, "F16"), [64, 32], encoding)).toThrow('f.safetensors holds NaN (not a number) in "t".');
});
