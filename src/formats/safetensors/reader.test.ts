import { expect, test } from "vitest";
import { bufferSource } from "../byte-source.ts";
import { openSafetensors } from "./reader.ts";
import { encodeSafetensors } from "./writer.ts";

const NAME = "thing.safetensors";
const open = (bytes: Uint8Array) => openSafetensors(bufferSource(bytes, NAME));

/** A file of this header text and this many bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.byteLength + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (shape: number[], begin: number, end: number) => ({ dtype: "F32", shape, data_offsets: [begin, end] });

async function refusal(bytes: Uint8Array): Promise<{ code: string; message: string }> {
  const error = await open(bytes).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error?.name).toBe("ZoetropeError");
  expect(error.message).toContain(NAME);
  return error;
}

test("what is written is read back: names, types, shapes, metadata, values", async () => {
  const bytes = encodeSafetensors(
    [
      { name: "half", dtype: "F16", shape: [3], data: Float32Array.of(0.5, -2, 65504) },
      { name: "full", dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      { name: "ids", dtype: "I32", shape: [2], data: Int32Array.of(-1, 7) },
      { name: "scalar", dtype: "BF16", shape: [], data: Float32Array.of(4) },
      { name: "nothing", dtype: "F32", shape: [0, 4], data: new Float32Array(0) },
    ],
    { format: "pt" },
  );
  const opened = await open(bytes);
  expect(opened.metadata).toEqual({ format: "pt" });
  expect(opened.tensors.get("full")).toMatchObject({ dtype: "F32", shape: [2, 2] });
  expect([...(await opened.readFloat32("half"))]).toEqual([0.5, -2, 65504]);
  expect([...(await opened.readFloat32("full"))]).toEqual([1, 2, 3, 4]);
  expect([...(await opened.readFloat32("ids"))]).toEqual([-1, 7]);
  expect([...(await opened.readFloat32("scalar"))]).toEqual([4]);
  expect((await opened.readFloat32("nothing")).length).toBe(0);
  expect([...(await opened.readFloat32("full", { begin: 1, end: 3 }))]).toEqual([2, 3]);
  expect([...(await opened.readBytes("ids"))]).toEqual([255, 255, 255, 255, 7, 0, 0, 0]);
  expect([...(await opened.readBytes("ids", { begin: 1, end: 2 }))]).toEqual([7, 0, 0, 0]);
  await expect(opened.readFloat32("full", { begin: 1, end: 5 })).rejects.toMatchObject({ code: "safetensors/slice" });
});

test("opening reads the header and nothing else", async () => {
  const bytes = encodeSafetensors([{ name: "w", dtype: "F32", shape: [100_000], data: new Float32Array(100_000) }]);
  let read = 0;
  const counting = async (offset: number, length: number) => {
    read += length;
    return bytes.subarray(offset, offset + length);
  };
  await openSafetensors({ name: NAME, size: bytes.byteLength, read: counting });
  expect(read).toBeLessThan(2048);
});

test("a tensor that the file lacks is refused by file and key", async () => {
  const opened = await open(encodeSafetensors([]));
  await expect(async () => opened.readFloat32("ghost")).rejects.toMatchObject({ code: "weights/missing" });
});

test.each<[string, Uint8Array, RegExp]>([
  ["not-safetensors", Uint8Array.of(1, 2, 3), /only 3 bytes/],
  ["not-safetensors", new Uint8Array(64).fill(0xee), /not a safetensors file/],
  ["header-not-json", file("{nonsense"), /not JSON/],
  ["header-not-json", file(`{"a":"${"["}`), /not JSON/],
  ["bad-entry", file({ a: 5 }), /"a"/],
  ["bad-dtype", file({ a: { dtype: "F4", shape: [1], data_offsets: [0, 4] } }, 4), /"F4"/],
  ["bad-dtype", file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /number type/],
  ["bad-shape", file({ a: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } }, 4), /shape/],
  ["bad-shape", file({ a: { dtype: "F32", shape: [1.5], data_offsets: [0, 4] } }, 4), /shape/],
  ["bad-shape", file({ a: { dtype: "F32", shape: "1", data_offsets: [0, 4] } }, 4), /shape/],
  ["bad-offsets", file({ a: { dtype: "F32", shape: [1], data_offsets: [0] } }, 4), /byte offsets/],
  ["bad-offsets", file({ a: { dtype: "F32", shape: [1], data_offsets: [-4, 0] } }, 4), /byte offsets/],
  ["bad-offsets", file({ a: { dtype: "F32", shape: [1], data_offsets: [4, 0] } }, 4), /end before it begins/],
  ["size-mismatch", file({ a: f32([2], 0, 4) }, 4), /takes 8 bytes, but 4/],
  ["size-mismatch", file({ a: f32([2 ** 30, 2 ** 30, 2 ** 30], 0, 4) }, 4), /contradicts itself/],
  ["overlap", file({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), /"a" and "b" in the same bytes/],
  ["overlap", file({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), /same bytes/],
  ["hole", file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /belong to no tensor/],
  ["out-of-range", file({ a: f32([1], 1e12, 1e12 + 4) }, 4), /beyond its own end/],
  ["truncated", file({ a: f32([100], 0, 400) }, 100), /cut short: 300 B of \d+ B are missing/],
  ["trailing", file({ a: f32([1], 0, 4) }, 9), /5 B after its last tensor/],
  [
    "duplicate",
    file(`{"a":${JSON.stringify(f32([1], 0, 4))},"a":${JSON.stringify(f32([1], 0, 4))}}`, 4),
    /two tensors named "a"/,
  ],
  [
    "duplicate",
    file(`{"a":${JSON.stringify(f32([1], 0, 4))},"\\u0061":${JSON.stringify(f32([1], 0, 4))}}`, 4),
    /two tensors named "a"/,
  ],
])("a damaged or hostile file is refused as safetensors/%s", async (code, bytes, sentence) => {
  const error = await refusal(bytes);
  expect(error.code).toBe(`safetensors/${code}`);
  expect(error.message).toMatch(sentence);
});

test("a header longer than the file, or than 100 MB, is refused before anything is allocated", async () => {
  const long = file({}, 100);
  new DataView(long.buffer).setBigUint64(0, 5000n, true);
  expect((await refusal(long)).code).toBe("safetensors/header-beyond-file");
  new DataView(long.buffer).setBigUint64(0, 200_000_000n, true);
  expect((await refusal(long)).code).toBe("safetensors/header-too-long");
  new DataView(long.buffer).setBigUint64(0, 2n ** 63n, true);
  expect((await refusal(long)).code).toBe("safetensors/header-too-long");
});

test("strings inside metadata are not taken for tensor names", async () => {
  const header = `{"__metadata__":{"a":"1","b":"{\\"a\\": 2}"},"a":${JSON.stringify(f32([1], 0, 4))}}`;
  expect([...(await open(file(header, 4))).tensors.keys()]).toEqual(["a"]);
});

test("a tensor may be called __proto__", async () => {
  const opened = await open(file(`{"__proto__":${JSON.stringify(f32([1], 0, 4))}}`, 4));
  expect(opened.tensors.has("__proto__")).toBe(true);
});
