/** On a narrow screen the stage may have been scrolled away from when something begins on it. */
import { prefersReducedMotion } from "../controls/motion-preference.ts";

export function showStage(): void {
  const stage = document.querySelector('[aria-label="Stage"]')?.getBoundingClientRect();
  if (stage === undefined || stage.top >= 0) return;
  scrollTo({ top: 0, behavior: prefersReducedMotion() ? "instant" : "smooth" });
}
