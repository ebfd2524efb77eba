import { expect, test } from "vitest";
import { guide } from "./guidance.ts";

test("guidance goes from the unconditional through the conditional prediction", () => {
  const [uncond, cond] = [Float32Array.of(1, -2, 0), Float32Array.of(2, -2, 4)];
  expect(guide(uncond, cond, 7.5)).toEqual(Float32Array.of(8.5, -2, 30));
  expect(guide(uncond, cond, 1)).toEqual(cond);
  expect(guide(uncond, cond, 0)).toEqual(uncond);
});
