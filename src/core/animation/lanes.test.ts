import { expect, it } from "vitest";
import { laneOf, laneTarget, laneText, laneValues, parseLane } from "./lanes.ts";

it("reads a lane from its text and writes it again", () => {
  const text = "lora:a=b=0:0.2,8:smooth:1";
  const lane = parseLane(text)!;
  expect(lane).toEqual({
    target: "lora:a=b",
    keys: [
      { frame: 0, value: 0.2 },
      { frame: 8, value: 1, easing: "smooth" },
    ],
  });
  expect(laneText(lane)).toBe(text);
  for (const wrong of ["cfg", "cfg=", "speed=0:1", "cfg=a:1", "cfg=0:1,x", "cfg=0:slowly:1", "control.0=0:1"])
    expect(parseLane(wrong)).toBeNull();
});

it("knows what a lane changes", () => {
  expect(laneTarget("control")).toEqual({ kind: "control", index: 0 });
  expect(laneTarget("control.2")).toEqual({ kind: "control", index: 1 });
  expect(laneTarget("lora:Neon")).toEqual({ kind: "lora", name: "Neon" });
  expect(laneOf([parseLane("lora:Neon=0:1")!], "lora:neon")).not.toBeNull();
});

it("holds its ends and goes over between them, in a loop round the clip", () => {
  const lane = parseLane("cfg=3:5,1:1")!;
  expect([...laneValues(lane, 5)]).toEqual([1, 1, 3, 5, 5]);
  expect([...laneValues(lane, 4, true)]).toEqual([3, 1, 3, 5]);
});
