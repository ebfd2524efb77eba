import { expect, test } from "vitest";
import { bufferSource } from "./byte-source.ts";
import { openTensorFile } from "./open-tensor-file.ts";
import { encodeSafetensors } from "./safetensors/writer.ts";

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
  ["pickle", Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0), /PyTorch pickle.*convert to safetensors/],
  ["pickle", Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9), /PyTorch pickle/],
  ["gguf", new TextEncoder().encode("GGUF\u0003\u0000\u0000\u0000\u0001\u0000"), /GGUF/],
  ["not-safetensors", new Uint8Array(64).fill(0xee), /not a safetensors file/],
])("another kind of file is refused as safetensors/%s", async (code, bytes, sentence) => {
  await expect(openTensorFile(bufferSource(bytes, "thing.safetensors"))).rejects.toMatchObject({
    name: "ZoetropeError",
    code: `safetensors/${code}`,
    message: expect.stringMatching(sentence),
  });
  await expect(openTensorFile(bufferSource(bytes, "thing.safetensors"))).rejects.toThrow("thing.safetensors");
});
