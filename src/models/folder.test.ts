import { expect, test } from "vitest";
import { bufferSource } from "../formats/byte-source.ts";
import { modelName } from "./files.ts";
import { weightFiles } from "./folder.ts";
import { jsonFile } from "./testing/tiny-files.ts";

const empty = (path: string) => ({ path, source: bufferSource(new Uint8Array(0), path) });
const index = (path: string, ...names: string[]) =>
  jsonFile(path, { weight_map: Object.fromEntries(names.map((name, i) => [`w${i}`, name])) });
const chosen = async (...files: Parameters<typeof weightFiles>[0]) => (await weightFiles(files)).map(({ path }) => path);

test("a pickle in a diffusers folder is used only when no safetensors lies beside it", async () => {
  const [pickle, safe] = [empty("unet/diffusion_pytorch_model.bin"), empty("unet/diffusion_pytorch_model.safetensors")];
  const config = jsonFile("unet/config.json", {});
  expect(await chosen(config, pickle, safe)).toEqual([safe.path]);
  expect(await chosen(config, pickle, empty("unet/diffusion_pytorch_model.fp16.bin"))).toEqual([pickle.path]);
});

test("an index leads to its parts, and one of pickles says nothing about safetensors", async () => {
  const pickles = ["m-00001-of-00002.bin", "m-00002-of-00002.bin"];
  const safe = ["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors"];
  const indexes = [index("m.bin.index.json", ...pickles), index("m.safetensors.index.json", ...safe)];
  expect(await chosen(...indexes, ...pickles.map(empty))).toEqual(pickles);
  expect(await chosen(...indexes, ...[...pickles, ...safe].map(empty))).toEqual(safe);
  await expect(chosen(...indexes, ...safe.slice(1).map(empty))).rejects.toMatchObject({ code: "model/missing-part" });
});

test("a file by itself is opened whatever it is called; a folder without weights is refused", async () => {
  expect(await chosen(empty("5f6a0b"))).toEqual(["5f6a0b"]);
  await expect(chosen(jsonFile("unet/config.json", {}))).rejects.toMatchObject({ code: "model/no-weights" });
});

test.each(["a.b.ckpt", "a.b.pt", "a.b.pth", "a.b.bin", "a.b.gguf", "a.b.safetensors"])("%s is called a.b", (path) => {
  expect(modelName([empty(path)])).toBe("a.b");
});
