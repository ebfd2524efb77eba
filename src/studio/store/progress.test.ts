import { expect, it } from "vitest";
import { advance, fraction, noProgress } from "./progress.ts";

it("the bar only moves forward and ends full, whichever phases there are", () => {
  for (const phases of [
    ["download", "convert", "load", "text", "denoise", "decode"],
    ["text", "denoise", "decode"],
    ["decode"],
  ] as const) {
    let progress = noProgress;
    let before = 0;
    for (const phase of phases) {
      for (const done of [0, 1, 2, 3]) {
        progress = advance(progress, phase, done, 3, 0);
        expect(fraction(progress)).toBeGreaterThanOrEqual(before);
        before = fraction(progress);
      }
    }
    expect(before).toBeCloseTo(1, 10);
  }
});

it("the bar also moves forward when a phase goes through several files, each counted from 0", () => {
  let progress = noProgress;
  let before = 0;
  for (const [done, total] of [
    [0, 28],
    [14, 28],
    [28, 28],
    [0, 30],
    [30, 30],
    [2, 13],
  ] as const) {
    progress = advance(progress, "convert", done, total, 0);
    expect(fraction(progress)).toBeGreaterThanOrEqual(before);
    before = fraction(progress);
  }
  expect(before).toBeLessThan(1);
});
