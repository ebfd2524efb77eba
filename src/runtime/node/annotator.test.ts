import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Graph, type Value } from "../../graph/graph.ts";
import { mean, reshape, slice } from "../../graph/ops.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { annotate } from "./annotator.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-annotator-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A made-up model of one picture. */
async function model(name: string, shape: readonly number[], draw: (picture: Value) => Value): Promise<string> {
  const graph = new Graph("annotator", { precision: "fp32", attention: "plain" });
  graph.output("map", draw(graph.input("picture", "float32", shape)));
  const path = join(folder, name);
  await writeFile(path, graph.encode(new ShardLayout({})));
  return path;
}

const size = { width: 16, height: 8 };
/** Brighter to the right, in all colours. */
const ramp = Float32Array.from({ length: 3 * 128 }, (_, i) => (i % 16) / 15);

it("draws a map of one channel in grey, from black to white, at the clip's size", async () => {
  const path = await model("depth.onnx", [1, 3, 4, 8], (picture) => reshape(mean(picture, [1]), [1, 4, 8]));
  const [drawn] = await annotate(path, [ramp], size);
  expect(drawn).toHaveLength(3 * 128);
  expect(drawn![0]).toBeCloseTo(0, 5);
  expect(drawn![15]).toBeCloseTo(1, 5);
  expect(drawn![8]!).toBeGreaterThan(drawn![7]!);
  expect(drawn!.slice(0, 128)).toEqual(drawn!.slice(256));
});

it("what takes no picture or gives no map is refused in a sentence", async () => {
  const narrow = await model("narrow.onnx", [1, 1, 4, 4], (picture) => picture);
  await expect(annotate(narrow, [ramp], size)).rejects.toThrow("narrow.onnx takes an input [1, 1, 4, 4], not one picture");
  const two = await model("two.onnx", [1, 3, 4, 4], (picture) => slice(picture, 1, 0, 2));
  await expect(annotate(two, [ramp], size)).rejects.toThrow("two.onnx gives an output [1, 2, 4, 4], not one map");
  await writeFile(join(folder, "broken.onnx"), "no model");
  await expect(annotate(join(folder, "broken.onnx"), [ramp], size)).rejects.toThrow("could not be opened as an ONNX model");
});
