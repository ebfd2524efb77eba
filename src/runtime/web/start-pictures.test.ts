import { expect, it } from "vitest";
import { toPlanes } from "../../media/pixels.ts";
import { spread } from "./start-pictures.ts";

it("lays colours out in planes from -1 to 1", () => {
  const rgba = Uint8ClampedArray.of(255, 0, 51, 255, 0, 255, 102, 255);
  const planes = toPlanes(rgba);
  const expected = [1, -1, -1, 1, -0.6, -0.2];
  for (const [i, value] of expected.entries()) expect(planes[i]).toBeCloseTo(value, 6);
});

it("lays pictures of a SparseCtrl evenly over the clip, no two in one frame", () => {
  expect(spread(0, 1, 16)).toBe(0);
  expect([0, 1].map((i) => spread(i, 2, 16))).toEqual([0, 15]);
  expect([0, 1, 2].map((i) => spread(i, 3, 16))).toEqual([0, 8, 15]);
  expect(Array.from({ length: 5 }, (_, i) => spread(i, 5, 5))).toEqual([0, 1, 2, 3, 4]);
});
