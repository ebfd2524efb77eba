import { expect, it } from "vitest";
import { advance, enterPhase, noProgress } from "../store/progress.ts";
import { phaseTimeLeft, progressWords } from "./progress-words.ts";

it("names the phase and the part of it that is done", () => {
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
});
