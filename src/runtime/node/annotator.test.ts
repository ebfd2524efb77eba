import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Value } from "../../graph/graph.ts";
import { cast, mean, reshape, slice } from "../../graph/ops.ts";
import { onnxModel } from "../testing/tiny-annotator.ts";
import { annotateWithFile } from "./annotator.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-annotator-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function model(name: string, shape: readonly number[], draw: (picture: Value) => Value): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, onnxModel(shape, draw));
  return path;
}

const size = { width: 16, height: 8 };
/** Brighter to the right, in all colours. */
const ramp = Float32Array.from({ length: 3 * 128 }, (_, i) => (i % 16) / 15);

it("draws a map of one channel in grey, from black to white, at the clip's size", async () => {
  const path = await model("depth.onnx", [1, 3, 4, 8], (picture) => reshape(mean(picture, [1]), [1, 4, 8]));
  const [drawn] = await annotateWithFile(path, [ramp], size);
  expect(drawn).toHaveLength(3 * 128);
  expect(drawn![0]).toBeCloseTo(0, 5);
  expect(drawn![15]).toBeCloseTo(1, 5);
  expect(drawn![8]!).toBeGreaterThan(drawn![7]!);
  expect(drawn!.slice(0, 128)).toEqual(drawn!.slice(256));
});

it("what takes no picture or gives no map is refused in a sentence", async () => {
  const narrow = await model("narrow.onnx", [1, 1, 4, 4], (picture) => picture);
  await expect(annotateWithFile(narrow, [ramp], size)).rejects.toThrow(
    "narrow.onnx takes an input [1, 1, 4, 4], not one picture",
  );
  const two = await model("two.onnx", [1, 3, 4, 4], (picture) => slice(picture, 1, 0, 2));
  await expect(annotateWithFile(two, [ramp], size)).rejects.toThrow("two.onnx gives an output [1, 2, 4, 4], not one map");
  const boxes = await model("boxes.onnx", [1, 3, 8, 8], (picture) => reshape(picture, [1, 3, 64]));
  await expect(annotateWithFile(boxes, [ramp], size)).rejects.toThrow("boxes.onnx gives an output [1, 3, 64], not one map");
  const classes = await model("classes.onnx", [1, 3, 8, 8], (picture) => cast(mean(picture, [1]), "int64"));
  await expect(annotateWithFile(classes, [ramp], size)).rejects.toThrow(
    "classes.onnx gives numbers of type int64, not of float32.",
  );
  await writeFile(join(folder, "broken.onnx"), "no model");
  await expect(annotateWithFile(join(folder, "broken.onnx"), [ramp], size)).rejects.toThrow(
    "could not be opened as an ONNX model",
  );
});
