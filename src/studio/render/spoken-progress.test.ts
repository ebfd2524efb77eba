import { expect, it } from "vitest";
import { advance, enterPhase, noProgress, type Progress } from "../store/progress.ts";
import { spokenProgress } from "./spoken-progress.ts";

/** The announcements during `steps` steps of `stepMs`. */
function saidWhileDenoising(steps: number, stepMs: number): string[] {
  const said: string[] = [];
  let progress: Progress = enterPhase(noProgress, "text", 0);
  const go = (next: Progress, now: number) => {
    const words = spokenProgress(progress, next, now);
    if (words !== null) said.push(words);
    progress = next;
  };
  go(enterPhase(progress, "denoise", 0), 0);
  for (let step = 0; step <= steps; step++) go(advance(progress, "denoise", step, steps, step * stepMs), step * stepMs);
  go(enterPhase(progress, "decode", steps * stepMs), steps * stepMs);
  return said;
}

it("announces a long denoising by quarters, with the time left", () => {
  expect(saidWhileDenoising(20, 4000)).toEqual([
    "Denoising",
    "25 % of the steps, about 60 s left",
    "50 % of the steps, about 40 s left",
    "75 % of the steps, about 20 s left",
    "Developing frames",
  ]);
});

it("does not announce a short denoising", () => {
  expect(saidWhileDenoising(20, 100)).toEqual(["Denoising", "Developing frames"]);
});
