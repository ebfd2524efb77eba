import { expect, it } from "vitest";
import { bufferSource } from "../../../formats/byte-source.ts";
import { concat, reshape, slice } from "../../../graph/ops.ts";
import { groupFiles, type ModelFile } from "../../../models/files.ts";
import { identify } from "../../../models/identify.ts";
import { brightnessModel, onnxModel, repeatingModel } from "../../testing/tiny-annotator.ts";
import { heatmapModel, simccModel } from "../../testing/tiny-pose.ts";
import { shelfItemOf } from "./shelf.ts";

const file = (path: string, bytes: Uint8Array): ModelFile => ({ path, source: bufferSource(bytes, path.replace(/^.*\//, "")) });

it("an ONNX file of one picture in and one map out is a preprocessor, also inside a folder with a configuration", async () => {
  const files = [file("depth/config.json", new TextEncoder().encode("{}")), file("depth/model.onnx", brightnessModel(28, 42))];
  const groups = groupFiles(files);
  expect(groups.map((group) => group.map(({ path }) => path))).toEqual([["depth/model.onnx"]]);
  const found = await identify(groups[0]!);
  expect(found).toMatchObject({ kind: "preprocessor", name: "model", summary: expect.stringContaining("42 × 28") });
  expect(shelfItemOf("0123", found)).toMatchObject({ id: "0123", kind: "preprocessor", builtIn: false });
});

it("an ONNX file whose picture comes out larger is a super-resolution model", async () => {
  const found = await identify([file("twice.onnx", repeatingModel(16, 2))]);
  expect(found).toMatchObject({ kind: "upscaler", name: "twice", model: { side: 16 } });
});

it("an ONNX file that gives a body's joints is a preprocessor that draws a pose; another thing's points are refused", async () => {
  const found = await identify([file("pose.onnx", simccModel(256, 192))]);
  expect(found).toMatchObject({ kind: "preprocessor", model: { draws: "pose", input: { width: 192, height: 256 } } });
  expect(found.summary).toBe("draws a person's pose for a ControlNet, from pictures of 192 × 256");
  expect((await identify([file("maps.onnx", heatmapModel(64, 48))])).summary).toContain("pose");
  const hand = identify([file("hand.onnx", simccModel(32, 32, 21))]);
  await expect(hand).rejects.toThrow("hand.onnx gives 21 points, not a body's 17 joints as COCO counts them.");
});

it("ONNX files of other kinds are refused in a sentence", async () => {
  const refused = (name: string, bytes: Uint8Array) => expect(identify([file(name, bytes)])).rejects;
  const grey = onnxModel([1, 1, 8, 8], (picture) => picture);
  await refused("grey.onnx", grey).toThrow("grey.onnx takes an input [1, 1, 8, 8], not one picture");
  const two = onnxModel([1, 3, 8, 8], (picture) => slice(picture, 1, 0, 2));
  await refused("two.onnx", two).toThrow("two.onnx gives an output [1, 2, 8, 8], not one map");
  const many = onnxModel([1, 3, 8, 8], (picture) => concat([picture, picture], 1));
  await refused("many.onnx", many).toThrow("gives an output [1, 6, 8, 8]");
  const boxes = onnxModel([1, 3, 8, 8], (picture) => reshape(picture, [1, 3, 64]));
  await refused("boxes.onnx", boxes).toThrow("boxes.onnx gives an output [1, 3, 64], not one map");
  await refused("broken.onnx", new TextEncoder().encode("no model at all")).toThrow("broken.onnx is no whole ONNX file.");
});
