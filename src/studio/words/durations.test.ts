import { expect, it } from "vitest";
import { durationWords, roughWords, timeLeftWords } from "./durations.ts";

it("the time left is rounded, and unknown time has no words", () => {
  expect(timeLeftWords(7000)).toBe("about 7 s left");
  expect(timeLeftWords(null)).toBe("");
  expect(timeLeftWords(200_000)).toBe("about 3 min left");
});

it("no duration has 60 seconds or 60 minutes, and long ones have no seconds", () => {
  const words = [4_230, 59_700, 89_400, 119_600, 959_700, 3_569_000, 3_571_000, 3_899_000].map(durationWords);
  expect(words).toEqual(["4.2 s", "60 s", "89 s", "2 min 0 s", "16 min 0 s", "59 min 29 s", "1 h 0 min", "1 h 5 min"]);
});

it("a rough range promises no more than it knows", () => {
  const words = [
    [200, 900],
    [2_600, 17_300],
    [42_000, 250_000],
    [70_000, 400_000],
    [3_000_000, 8_000_000],
  ] as const;
  expect(words.map(([from, to]) => roughWords(from, to))).toEqual([
    "1 s",
    "3 to 15 s",
    "40 s to 4 min",
    "1 to 7 min",
    "50 min to 2 h",
  ]);
});
