/** Chooses the progress that screen readers announce: each phase, and each quarter of a long denoising. */
import type { Phase } from "../../protocol/render.ts";
import type { Progress } from "../store/progress.ts";
import { timeLeftWords } from "../words/durations.ts";
import { phaseTimeLeft, phaseWords } from "./progress-words.ts";

/** Shorter waits would end before the announcement does. */
const worthSayingMs = 10_000;
const spoken: readonly Phase[] = ["download", "convert", "denoise", "decode"];

/** null: nothing new. */
export function spokenProgress(before: Progress, after: Progress, now: number): string | null {
  const { phase, done, total } = after;
  if (phase === null) return null;
  if (phase !== before.phase) return spoken.includes(phase) ? phaseWords[phase] : null;
  if (phase !== "denoise" || total !== before.total || total === 0) return null;
  const quarter = Math.floor((4 * done) / total);
  const left = phaseTimeLeft(after, now);
  if (quarter === Math.floor((4 * before.done) / total) || quarter === 4 || left === null || left < worthSayingMs) return null;
  return `${quarter * 25} % of the steps, ${timeLeftWords(left)}`;
}
