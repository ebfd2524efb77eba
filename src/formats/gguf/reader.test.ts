import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bufferSource } from "../byte-source.ts";
import { openGguf } from "./reader.ts";

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`testing/fixtures/${name}`, import.meta.url)));

const FILE = fixture("types.gguf");
const EXPECTED = JSON.parse(new TextDecoder().decode(fixture("expected.json"))) as Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
>;

const open = (bytes: Uint8Array) => openGguf(bufferSource(bytes, "thing.gguf"));

test.each(Object.keys(EXPECTED))("tensors of type %s have the shape and numbers that ggml reads", async (name) => {
  const file = await open(FILE);
  const { shape, values } = EXPECTED[name]!;
  expect(file.tensors.get(name)!.shape).toEqual(shape);
  const read = await file.readFloat32(name);
  expect(read.length).toBe(values.length);
  for (const [i, value] of values.entries()) expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(value)));
  const range = { begin: Math.floor(values.length / 3), end: values.length - 1 };
  expect([...(await file.readFloat32(name, range))]).toEqual([...read.slice(range.begin, range.end)]);
});

test("quantised tensors give their bytes as fp32, others as they are stored", async () => {
  const file = await open(FILE);
  expect(file.tensors.get("Q4_0")!.dtype).toBe("F32");
  expect(new Float32Array((await file.readBytes("Q4_0")).slice().buffer)).toEqual(await file.readFloat32("Q4_0"));
  expect(file.tensors.get("F16")!.dtype).toBe("F16");
  expect((await file.readBytes("F16")).byteLength).toBe(2 * EXPECTED.F16!.values.length);
});

test("text and numbers of the metadata are kept as text", async () => {
  expect((await open(FILE)).metadata).toMatchObject({ "general.name": "a fixture", count: "7" });
});

/** The fixture with bytes changed from `at` on. */
function changed(at: number, ...values: number[]): Uint8Array {
  const copy = FILE.slice();
  copy.set(values, at);
  return copy;
}

test.each<[string, string, Uint8Array, RegExp]>([
  ["another version", "unsupported", changed(4, 1), /version 1/],
  ["a big-endian file", "unsupported", changed(4, 0, 0, 0, 3), /version 50331648/],
  ["more tensors than fit", "damaged", changed(8, 0xff, 0xff, 0xff, 0xff, 0xff), /ends before/],
  ["more metadata than fits", "damaged", changed(16, 0xff, 0xff, 0xff, 0xff, 0xff), /ends before/],
  ["a name of 2^62 bytes", "damaged", changed(24, 0, 0, 0, 0, 0, 0, 0, 0x40), /ends before/],
  ["half a file", "damaged", FILE.slice(0, FILE.byteLength / 2), /cut short/],
  ["half a header", "damaged", FILE.slice(0, 200), /ends before/],
])("%s is refused as gguf/%s", async (_what, code, bytes, sentence) => {
  await expect(open(bytes)).rejects.toMatchObject({
    name: "ZoetropeError",
    code: `gguf/${code}`,
    message: expect.stringMatching(sentence),
  });
  await expect(open(bytes)).rejects.toThrow("thing.gguf");
});

test("damage anywhere in the header is answered by a sentence", async () => {
  for (let seed = 0; seed < 3000; seed++) {
    const bytes = changed((seed * 7919) % 1200, (seed * 31) % 256, (seed * 17) % 256);
    await open(bytes).catch((thrown: unknown) => expect(thrown).toMatchObject({ name: "ZoetropeError" }));
  }
});
