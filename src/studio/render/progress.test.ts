import { expect, it } from "vitest";
import {
  advance,
  durationWords,
  enterPhase,
  fraction,
  noProgress,
  phaseTimeLeft,
  progressWords,
  timeLeftWords,
} from "./progress.ts";

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

it("says what is happening and how far it is", () => {
  expect(progressWords(noProgress)).toBe("Starting");
  expect(progressWords(enterPhase(noProgress, "text", 0))).toBe("Reading the prompt");
  expect(progressWords(advance(noProgress, "denoise", 6, 20, 0))).toBe("Denoising, step 7 of 20");
  expect(progressWords(advance(noProgress, "denoise", 20, 20, 0))).toBe("Denoising, step 20 of 20");
  expect(progressWords(advance(noProgress, "download", 2_500_000, 24_800_000, 0))).toBe("Downloading the model, 2.5 of 25 MB");
});

it("estimates the time left from the second item on, leaving out the first, slow one", () => {
  let progress = advance(noProgress, "denoise", 0, 10, 0);
  expect(phaseTimeLeft(progress, 5000)).toBeNull();
  progress = advance(progress, "denoise", 1, 10, 5000);
  expect(phaseTimeLeft(progress, 5000)).toBeNull();
  progress = advance(progress, "denoise", 3, 10, 7000);
  expect(phaseTimeLeft(progress, 7000)).toBe(7000);
  expect(timeLeftWords(7000)).toBe("about 7 s left");
  expect(timeLeftWords(null)).toBe("");
  expect(timeLeftWords(200_000)).toBe("about 3 min left");
});

it("no duration has 60 seconds or 60 minutes, and long ones have no seconds", () => {
  const words = [4_230, 59_700, 89_400, 119_600, 959_700, 3_569_000, 3_571_000, 3_899_000].map(durationWords);
  expect(words).toEqual(["4.2 s", "60 s", "89 s", "2 min 0 s", "16 min 0 s", "59 min 29 s", "1 h 0 min", "1 h 5 min"]);
});
