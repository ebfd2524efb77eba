import { expect, it } from "vitest";
import { sampledFrames } from "./sampled-frames.ts";

it("shows every frame where there is room, an even choice where there is not", () => {
  expect(sampledFrames(4, 800)).toEqual([0, 1, 2, 3]);
  expect(sampledFrames(128, 120)).toEqual([0, 32, 64, 96]);
  expect(sampledFrames(1, 800)).toEqual([0]);
  expect(sampledFrames(16, 0)).toHaveLength(16);
});
