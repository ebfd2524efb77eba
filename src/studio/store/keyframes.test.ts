import { expect, it } from "vitest";
import { freeFrame, keyframesOf, promptAtOf, withKeyframe } from "./keyframes.ts";

const night = { frame: 8, text: "night" };
const dawn = { frame: 12, text: "dawn" };

it("keeps keyframes in order, one to a frame", () => {
  expect(withKeyframe([dawn], night)).toEqual([night, dawn]);
  expect(withKeyframe([night, dawn], { frame: 8, text: "dusk" })).toEqual([{ frame: 8, text: "dusk" }, dawn]);
});

it("requests the Prompt on frame 0 and the keyframes inside the clip", () => {
  expect(promptAtOf("day", [night, dawn], 10)).toEqual([{ frame: 0, text: "day" }, night]);
  expect(promptAtOf("day", [night, dawn], 8)).toEqual([]);
});

it("restores the keyframes of a request", () => {
  expect(keyframesOf(promptAtOf("day", [night, dawn], 16), "day")).toEqual({ prompt: "day", keyframes: [night, dawn] });
  expect(keyframesOf([], "day")).toEqual({ prompt: "day", keyframes: [] });
});

it("takes the first key's prompt as the Prompt of a travel that begins later", () => {
  expect(keyframesOf([dawn, night], "unused")).toEqual({ prompt: "night", keyframes: [night, dawn] });
});

it("moves a keyframe between its neighbours, never onto the first frame or beyond the end", () => {
  expect(freeFrame([night, dawn], 8, 10, 16)).toBe(10);
  expect(freeFrame([night, dawn], 8, 14, 16)).toBe(11);
  expect(freeFrame([night, dawn], 12, 2, 16)).toBe(9);
  expect(freeFrame([night, dawn], 12, 99, 16)).toBe(15);
  expect(freeFrame([night, dawn], 8, -3, 16)).toBe(1);
  expect(freeFrame([dawn], 12, 13, 8)).toBe(12);
});
