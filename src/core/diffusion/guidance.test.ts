import { expect, test } from "vitest";
import { guide, isGuided, rescaleGuidance } from "./guidance.ts";

test("guidance goes from the unconditional through the conditional prediction", () => {
  const [uncond, cond] = [Float32Array.of(1, -2, 0), Float32Array.of(2, -2, 4)];
  expect(guide(uncond, cond, 7.5)).toEqual(Float32Array.of(8.5, -2, 30));
  expect(guide(uncond, cond, 1)).toEqual(cond);
  expect(guide(uncond, cond, 0)).toEqual(uncond);
});

test("rescaling gives the guided prediction the deviation of the conditional one, or a part of the way", () => {
  const [guided, cond] = [Float32Array.of(1, -3, 5, 1), Float32Array.of(2, 3, 4, 3)];
  expect(rescaleGuidance(guided, cond, 1)).toEqual(Float32Array.of(0.25, -0.75, 1.25, 0.25));
  expect(rescaleGuidance(guided, cond, 0.5)).toEqual(Float32Array.of(0.625, -1.875, 3.125, 0.625));
  expect(rescaleGuidance(guided, cond, 0)).toEqual(guided);
});

test("an interval of guidance counts from pure noise to the clean picture; the whole one covers every timestep, with its rounding", () => {
  const guided = (timestep: number, start: number, end: number) => isGuided(timestep, { start, end });
  for (const timestep of [999.0001, 999, 333.5, 0, -0.0001]) expect(guided(timestep, 0, 1)).toBe(true);
  expect([950, 890, 500, 310, 100].map((timestep) => guided(timestep, 0.1, 0.7))).toEqual([false, true, true, true, false]);
});
