import { expect, it } from "vitest";
import { durationWords, timeLeftWords } from "./durations.ts";

it("the time left is rounded, and unknown time has no words", () => {
  expect(timeLeftWords(7000)).toBe("about 7 s left");
  expect(timeLeftWords(null)).toBe("");
  expect(timeLeftWords(200_000)).toBe("about 3 min left");
});

it("no duration has 60 seconds or 60 minutes, and long ones have no seconds", () => {
  const words = [4_230, 59_700, 89_400, 119_600, 959_700, 3_569_000, 3_571_000, 3_899_000].map(durationWords);
  expect(words).toEqual(["4.2 s", "60 s", "89 s", "2 min 0 s", "16 min 0 s", "59 min 29 s", "1 h 0 min", "1 h 5 min"]);
});
