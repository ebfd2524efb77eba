import { expect, it } from "vitest";
import { gifDelays } from "./delays.ts";

it("8 fps alternates 12 and 13 centiseconds", () => {
  expect(gifDelays(4, 8)).toEqual([12, 13, 12, 13]);
});

it("the clip errs by less than a centisecond at every rate and length", () => {
  for (let fps = 1; fps <= 50; fps++) {
    for (const count of [1, 2, 7, 16, 33, 128]) {
      const total = gifDelays(count, fps).reduce((sum, delay) => sum + delay, 0);
      expect(Math.abs(total - (count * 100) / fps)).toBeLessThan(1);
    }
  }
});

it("no delay is shorter than the 2 centiseconds that browsers honour, up to 50 fps", () => {
  for (let fps = 1; fps <= 50; fps++) expect(Math.min(...gifDelays(128, fps))).toBeGreaterThanOrEqual(2);
});

it("a faster clip plays at 50 fps, because players would slow down shorter delays", () => {
  expect(gifDelays(4, 60)).toEqual([2, 2, 2, 2]);
});
