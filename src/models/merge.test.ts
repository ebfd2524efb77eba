import { expect, test } from "vitest";
import { mergeSources, weightsBelow } from "./merge.ts";
import { weightsOf } from "./testing/tiny-files.ts";

const unet = weightsOf({ "a.weight": { shape: [1], values: [1] }, "both.weight": { shape: [1], values: [2] } });
const motion = weightsOf({ "both.weight": { shape: [2], values: [3, 4] }, "m.weight": { shape: [1], values: [5] } });

test("merged sources answer for all their keys, the first one first", async () => {
  const merged = mergeSources(unet, motion);
  expect([...merged.keys()]).toEqual(["a.weight", "both.weight", "m.weight"]);
  expect([...(await merged.read("both.weight"))]).toEqual([2]);
  expect([...(await merged.read("m.weight"))]).toEqual([5]);
  expect(merged.has("gone.weight")).toBe(false);
  expect(() => merged.shape("gone.weight")).toThrow(expect.objectContaining({ code: "weights/missing" }));
});

test("a part of a source is seen under its own names", async () => {
  const part = weightsBelow(unet, "a.");
  expect([...part.keys()]).toEqual(["weight"]);
  expect(part.has("weight")).toBe(true);
  expect([...(await part.read("weight"))]).toEqual([1]);
});
