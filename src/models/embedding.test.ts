import { expect, it } from "vitest";
import { loadEmbedding } from "./embedding.ts";
import { identify } from "./identify.ts";
import { tinyFile } from "./testing/tiny-files.ts";

const values = Float32Array.from({ length: 2 * 768 }, (_, i) => i / 1000);

it.each(["emb_params", "string_to_param.*", "*", "<my-style>", "anything"])("reads the vectors under %s", async (key) => {
  const file = tinyFile("my-style.safetensors", [[key, [2, 768], values]]);
  const { name, vectors } = await loadEmbedding([file]);
  expect(name).toBe("my-style");
  expect(vectors).toEqual([values.slice(0, 768), values.slice(768)]);
  expect(await identify([file])).toMatchObject({ kind: "embedding", summary: "textual inversion, 2 vectors, 768 wide" });
});

it("reads a single vector without a dimension of its own", async () => {
  const { vectors } = await loadEmbedding([tinyFile("a.safetensors", [["<a>", [768], values.slice(0, 768)]])]);
  expect(vectors).toEqual([values.slice(0, 768)]);
});

it("refuses those of other families, and shapes that are none", async () => {
  const other = tinyFile("xl.safetensors", [
    ["clip_l", [1, 768]],
    ["clip_g", [1, 1280]],
  ]);
  await expect(loadEmbedding([other])).rejects.toThrow("xl.safetensors is a textual inversion for SDXL");
  await expect(loadEmbedding([tinyFile("long.safetensors", [["emb_params", [76, 4]]])])).rejects.toMatchObject({
    code: "embedding/bad-shape",
  });
});
