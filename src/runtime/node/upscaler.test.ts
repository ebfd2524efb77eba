import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mean } from "../../graph/ops.ts";
import { onnxModel, repeatingModel } from "../testing/tiny-annotator.ts";
import { openUpscalerFile } from "./upscaler.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-upscale-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function opened(name: string, model: Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, model);
  return openUpscalerFile(path);
}

/** Every colour of every pixel differs. [3, H, W] */
const picture = (width: number, height: number) =>
  Float32Array.from({ length: 3 * width * height }, (_, i) => ((i * 37) % 251) / 250);

/** Each pixel as a square of 2 × 2. */
function doubled(pixels: Float32Array, width: number, height: number): Float32Array {
  const area = 4 * width * height;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const [x, y] = [(i % (2 * width)) >> 1, Math.floor((i % area) / (2 * width)) >> 1];
    return pixels[Math.floor(i / area) * width * height + y * width + x]!;
  });
}

it.each([
  [16, 16],
  [24, 40],
  [10, 20],
])("a picture of %i × %i goes through a model of 16 × 16 in tiles, or made larger at its edges", async (width, height) => {
  const upscaler = await opened("twice.onnx", repeatingModel(16, 2));
  expect(upscaler.factor).toBe(2);
  const found = await upscaler.upscale(picture(width, height), { width, height });
  const wanted = doubled(picture(width, height), width, height);
  expect(found).toHaveLength(wanted.length);
  for (const [i, x] of found.entries()) expect(x).toBeCloseTo(wanted[i]!, 5);
  await upscaler.release();
});

it("what does not make pictures larger is refused in a sentence", async () => {
  const same = opened(
    "same.onnx",
    onnxModel([1, 3, 16, 16], (input) => input),
  );
  await expect(same).rejects.toThrow("same.onnx makes [1, 3, 16, 16] of a picture of 16 × 16, not a picture two to four times");
  const grey = opened(
    "grey.onnx",
    onnxModel([1, 1, 16, 16], (input) => mean(input, [1])),
  );
  await expect(grey).rejects.toThrow("grey.onnx takes an input [1, 1, 16, 16], not one square picture");
  await expect(opened("broken.onnx", new Uint8Array(9))).rejects.toThrow("broken.onnx could not be opened as an ONNX model");
});
