import { expect, it } from "vitest";
import { runningMeans } from "./running-means.ts";

it("begins with plain means, keeps a constant, and follows a change slowly", () => {
  expect(runningMeans([])).toEqual([]);
  expect(runningMeans([4, 2, 3])).toEqual([4, 3, 3]);
  const jump = runningMeans([...new Array(50).fill(1), ...new Array(50).fill(0)]);
  expect(jump[49]).toBeCloseTo(1, 10);
  expect(jump[59]).toBeGreaterThan(0.4);
  expect(jump[99]).toBeLessThan(0.06);
});
