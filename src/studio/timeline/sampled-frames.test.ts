import { expect, it } from "vitest";
import { sampledFrames } from "./sampled-frames.ts";

it("shows every frame if there is room, else an even selection", () => {
  expect(sampledFrames(4, 800)).toEqual([0, 1, 2, 3]);
  expect(sampledFrames(128, 120)).toEqual([0, 32, 64, 96]);
  expect(sampledFrames(1, 800)).toEqual([0]);
  expect(sampledFrames(16, 0)).toHaveLength(16);
});
