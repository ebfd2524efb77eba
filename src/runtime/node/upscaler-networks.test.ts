/** ESRGAN's and Real-ESRGAN's networks against PyTorch (e2e/parity/make_upscaler_case.py). */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { identify } from "../../models/identify.ts";
import { tinyFile } from "../../models/testing/tiny-files.ts";
import { kitTensors } from "../testing/parity-kit.ts";
import { modelFiles } from "./file-source.ts";
import { openUpscalerFile } from "./upscaler.ts";

const golden = await kitTensors("upscalers/golden.safetensors");
const pathOf = (name: string) => `e2e/parity/kit/upscalers/${name}.pth`;

it.each([
  ["compact-x3", 3, "even"],
  ["compact-x3", 3, "odd"],
  ["rrdb-x4", 4, "even"],
  ["rrdb-x4", 4, "odd"],
  ["rrdb-x2", 2, "even"],
  ["esrgan-x2", 2, "odd"],
])("%s enlarges a picture %i times as PyTorch does (%s)", async (name, factor, size) => {
  const upscaler = await openUpscalerFile(pathOf(name));
  expect(upscaler.factor).toBe(factor);
  const [, , height, width] = golden.tensors.get(`${size}.pixels`)!.shape as [number, number, number, number];
  const found = await upscaler.upscale(await golden.readFloat32(`${size}.pixels`), { width, height });
  await upscaler.release();
  const wanted = await golden.readFloat32(`${size}.${name}`);
  expect(found).toHaveLength(wanted.length);
  for (const [i, x] of found.entries()) expect(x).toBeCloseTo(Math.min(1, Math.max(0, wanted[i]!)), 5);
});

it("a network that takes squares of pixels as channels enlarges pictures of odd sizes, too", async () => {
  const upscaler = await openUpscalerFile(pathOf("rrdb-x2"));
  const found = await upscaler.upscale(await golden.readFloat32("odd.pixels"), { width: 9, height: 7 });
  await upscaler.release();
  expect(found).toHaveLength(3 * 18 * 14);
});

it("the shelf says what it is", async () => {
  expect(await identify(await modelFiles(pathOf("rrdb-x4")))).toMatchObject({
    kind: "upscaler",
    summary: "enlarges the pictures of saved files 4 times",
  });
});

it("a network that does not enlarge, and one of another kind, are refused in a sentence", async () => {
  const same = tinyFile("same.safetensors", [
    ["body.0.weight", [4, 3, 3, 3]],
    ["body.0.bias", [4]],
    ["body.1.weight", [4]],
    ["body.2.weight", [3, 4, 3, 3]],
    ["body.2.bias", [3]],
  ]);
  await expect(identify([same])).rejects.toThrow("same.safetensors does not enlarge colour pictures two to four times.");
  const swin = tinyFile("swin.safetensors", [["layers.0.residual_group.blocks.0.norm1.weight", [4]]]);
  await expect(identify([swin])).rejects.toThrow("swin.safetensors is a picture upscaler of a kind that Zoetrope does not use.");
});

/** A compact network that doubles pictures, whose first convolution has these weights. */
const compact = (first: number) =>
  tinyFile("compact.safetensors", [
    ["body.0.weight", [4, 3, 3, 3], new Float32Array(108).fill(first)],
    ["body.0.bias", [4]],
    ["body.1.weight", [4], new Float32Array(4).fill(first)],
    ["body.2.weight", [12, 4, 3, 3]],
    ["body.2.bias", [12]],
  ]);

it("damaged weights are found before a picture is enlarged, and pixels that are no numbers are refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zoetrope-network-"));
  const opened = async (name: string, first: number) => {
    const { source } = compact(first);
    await writeFile(join(folder, name), await source.read(0, source.size));
    return openUpscalerFile(join(folder, name));
  };
  await expect(opened("nan.safetensors", Number.NaN)).rejects.toThrow(
    'nan.safetensors holds NaN (not a number) in "body.0.weight".',
  );
  await expect(opened("huge.safetensors", 3e38)).rejects.toThrow("The super-resolution model draws pixels that are not numbers.");
  await rm(folder, { recursive: true });
});

it("a large picture is left between two tiles", async () => {
  const upscaler = await openUpscalerFile(pathOf("compact-x3"));
  const stop = new AbortController();
  const size = { width: 384, height: 192 };
  const drawn = upscaler.upscale(new Float32Array(3 * size.width * size.height), size, stop.signal);
  stop.abort();
  await expect(drawn).rejects.toBe(stop.signal.reason);
  await upscaler.release();
});
