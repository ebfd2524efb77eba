import { expect, it } from "vitest";
import { loadEmbedding } from "./embedding.ts";
import { identify } from "./identify.ts";
import { tinyFile } from "./testing/tiny-files.ts";

const values = Float32Array.from({ length: 2 * 768 }, (_, i) => i / 1000);

const TWO = [values.slice(0, 768), values.slice(768)];

it.each(["emb_params", "string_to_param.*", "*"])("calls the vectors under %s by the file's name", async (key) => {
  const file = tinyFile("my-style.pt", [[key, [2, 768], values]]);
  expect(await loadEmbedding([file])).toEqual({ name: "my-style", words: [{ name: "my-style", vectors: TWO }] });
  expect(await identify([file])).toMatchObject({
    kind: "embedding",
    name: "my-style",
    summary: "textual inversion, 2 vectors, 768 wide",
  });
});

it.each(["<a-style>", "a-style"])("calls the vectors under %s by this token and by the file's name", async (key) => {
  const { name, words } = await loadEmbedding([tinyFile("my-style.bin", [[key, [2, 768], values]])]);
  expect(name).toBe("my-style");
  expect(words).toEqual([
    { name: "my-style", vectors: TWO },
    { name: key, vectors: TWO },
  ]);
});

it("calls what diffusers' trainer wrote by its tokens, after which the shelf names it, and by the file's name", async () => {
  const file = tinyFile("learned_embeds-steps-500.bin", [
    ["<a>", [768], values.slice(0, 768)],
    ["<b>", [768], values.slice(768)],
  ]);
  const words = [
    { name: "learned_embeds-steps-500", vectors: [TWO[0]] },
    ...["<a>", "<b>"].map((name, i) => ({ name, vectors: [TWO[i]] })),
  ];
  expect(await loadEmbedding([file])).toEqual({ name: "<a>", words });
  expect((await identify([file])).name).toBe("<a>");
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
