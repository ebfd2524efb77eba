import { expect, test } from "vitest";
import { fromFloat32, toFloat32 } from "./dtype.ts";

const fp16 = (...codes: number[]) => new Uint8Array(Uint16Array.from(codes).buffer);

test("half floats have their IEEE 754 values, subnormals and infinities included", () => {
  const values = toFloat32(fp16(0x0000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8001, 0x3555, 0x7c00, 0xfc00), "F16");
  expect([...values]).toEqual([0, 1, -2, 65504, 2 ** -14, 2 ** -24, -(2 ** -24), 1365 / 4096, Infinity, -Infinity]);
  expect(toFloat32(fp16(0x7e00), "F16")[0]).toBeNaN();
  expect(Object.is(toFloat32(fp16(0x8000), "F16")[0], -0)).toBe(true);
});

test("bfloat16 is the upper half of an fp32", () => {
  expect([...toFloat32(fp16(0x3f80, 0xc049, 0x7f80), "BF16")]).toEqual([1, -3.140625, Infinity]);
});

test("8-bit floats follow the OCP tables: E4M3 reaches 448 and has no infinity, E5M2 has", () => {
  expect([...toFloat32(Uint8Array.of(0x00, 0x38, 0x7e, 0xfe, 0x01, 0x08), "F8_E4M3")]).toEqual([
    0,
    1,
    448,
    -448,
    2 ** -9,
    2 ** -6,
  ]);
  expect(toFloat32(Uint8Array.of(0x7f), "F8_E4M3")[0]).toBeNaN();
  expect([...toFloat32(Uint8Array.of(0x3c, 0x7b, 0x7c, 0x01, 0xbc), "F8_E5M2")]).toEqual([1, 57344, Infinity, 2 ** -16, -1]);
});

test("integers and booleans become their numbers", () => {
  expect([...toFloat32(new Uint8Array(BigInt64Array.of(-3n, 49407n).buffer), "I64")]).toEqual([-3, 49407]);
  expect([...toFloat32(new Uint8Array(Int32Array.of(-7).buffer), "I32")]).toEqual([-7]);
  expect([...toFloat32(Uint8Array.of(255), "I8")]).toEqual([-1]);
  expect([...toFloat32(Uint8Array.of(0, 1, 7), "BOOL")]).toEqual([0, 1, 1]);
  expect([...toFloat32(new Uint8Array(Float64Array.of(0.5).buffer), "F64")]).toEqual([0.5]);
});

test("every half float survives the way to fp32 and back", () => {
  const codes = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const values = toFloat32(new Uint8Array(codes.buffer), "F16");
  const back = new Uint16Array(fromFloat32(values, "F16").buffer);
  const changed = [...codes].filter((code, i) => back[i] !== code && !Number.isNaN(values[i]!));
  expect(changed).toEqual([]);
});

test("fp32 rounds to the nearest half float, ties to even", () => {
  const values = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 65519, 65520, 2 ** -25, 1.5 * 2 ** -25);
  expect([...new Uint16Array(fromFloat32(values, "F16").buffer)]).toEqual([
    0x3c00, 0x3c02, 0x3c01, 0x7bff, 0x7c00, 0x0000, 0x0001,
  ]);
  expect([...new Uint16Array(fromFloat32(Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8), "BF16").buffer)]).toEqual([
    0x3f80, 0x3f82,
  ]);
});

test("bytes that lie at an odd place are read correctly and not shared", () => {
  const file = new Uint8Array([9, ...fp16(0x3c00, 0x4000), 9]);
  expect([...toFloat32(file.subarray(1, 5), "F16")]).toEqual([1, 2]);
  const source = new Uint8Array(Float32Array.of(5).buffer);
  const read = toFloat32(source, "F32");
  source.fill(0);
  expect(read[0]).toBe(5);
});
