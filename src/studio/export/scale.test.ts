import { expect, it } from "vitest";
import { automaticScale, scaleOf, scalesFor } from "./scale.ts";

const square = (side: number) => ({ width: side, height: side });

it("a clip to be shown is saved with at least 480 pixels on its longer side, by the least whole factor", () => {
  expect(automaticScale("gif", square(128))).toBe(4);
  expect(automaticScale("mp4", { width: 64, height: 72 })).toBe(7);
  expect(automaticScale("webm", { width: 256, height: 384 })).toBe(2);
  expect([automaticScale("gif", { width: 480, height: 320 }), automaticScale("gif", square(512))]).toEqual([1, 1]);
});

it("formats to work on with keep the model's own pixels", () => {
  expect((["apng", "frames", "sheet", "frame"] as const).map((format) => automaticScale(format, square(128)))).toEqual([
    1, 1, 1, 1,
  ]);
});

it("a size that the person chose stays, and the automatic one is among the choices", () => {
  expect([scaleOf(1, "gif", square(128)), scaleOf(0, "gif", square(128))]).toEqual([1, 4]);
  expect(scalesFor("gif", square(64))).toEqual([1, 2, 3, 4, 8]);
  expect(scalesFor("gif", { width: 1024, height: 576 })).toEqual([1, 2]);
});
