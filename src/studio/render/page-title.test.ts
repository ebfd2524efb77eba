import { expect, it } from "vitest";
import { testEntry } from "../history/testing/entries.ts";
import { emptyClip } from "../store/clip.ts";
import { advance, noProgress } from "../store/progress.ts";
import type { Job } from "../store/render.ts";
import { titleOf } from "./page-title.ts";

const { request, names } = testEntry("a");
const running: Job = {
  status: "running",
  startedAt: 0,
  stoppingSince: null,
  progress: { ...advance(noProgress, "denoise", 1, 4, 0), from: 0, to: 1 },
  clip: emptyClip("a", request, names),
};

it("shows the progress, and in a hidden tab that the animation is finished", () => {
  expect(titleOf(running, true)).toBe("25 % – Zoetrope");
  expect(titleOf({ status: "idle", lastDurationMs: 4000 }, true)).toBe("Made – Zoetrope");
  expect(titleOf({ status: "idle", lastDurationMs: 4000 }, false)).toBe("Zoetrope");
  expect(titleOf({ status: "idle", lastDurationMs: null }, true)).toBe("Zoetrope");
});
