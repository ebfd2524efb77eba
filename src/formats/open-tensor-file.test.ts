import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bufferSource } from "./byte-source.ts";
import { openTensorFile } from "./open-tensor-file.ts";
import { encodeSafetensors } from "./safetensors/writer.ts";

test.each([
  ["torch/testing/fixtures/ip-adapter.bin", "image_proj.proj.weight"],
  ["torch/testing/fixtures/legacy.pt", "view.offset"],
  ["gguf/testing/fixtures/types.gguf", "Q8_0"],
])("%s is opened whatever its name", async (path, tensor) => {
  const bytes = new Uint8Array(readFileSync(new URL(path, import.meta.url)));
  const file = await openTensorFile(bufferSource(bytes, "thing.safetensors"));
  expect(file.tensors.has(tensor)).toBe(true);
});

test("a safetensors file is opened whatever its name", async () => {
  const bytes = encodeSafetensors([{ name: "w", dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }]);
  const file = await openTensorFile(bufferSource(bytes, "thing.ckpt"));
  expect([...(await file.readFloat32("w"))]).toEqual([1, 2]);
});

test.each<[string, Uint8Array, RegExp]>([
  ["empty", new Uint8Array(0), /0 bytes/],
  [
    "web-page",
    new TextEncoder().encode("<!DOCTYPE html><html><body>Log in"),
    /web page saved under this name: download it again/,
  ],
  ["web-page", new TextEncoder().encode("\n  <html>..."), /web page/],
  ["text", new TextEncoder().encode("Entry not found"), /text file/],
  ["git-lfs", new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\noid sha256:1"), /Git LFS/],
  ["unknown", new Uint8Array(64).fill(0xee), /no model file/],
  ["unknown", Uint8Array.of(1, 2, 3), /no model file/],
])("another kind of file is refused as file/%s", async (code, bytes, sentence) => {
  await expect(openTensorFile(bufferSource(bytes, "thing.safetensors"))).rejects.toMatchObject({
    name: "ZoetropeError",
    code: `file/${code}`,
    message: expect.stringMatching(sentence),
  });
  await expect(openTensorFile(bufferSource(bytes, "thing.safetensors"))).rejects.toThrow("thing.safetensors");
});
