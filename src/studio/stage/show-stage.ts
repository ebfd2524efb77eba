/** Scrolls back to the stage when an animation begins, because on a narrow screen it may be out of view. */
import { prefersReducedMotion } from "../controls/motion-preference.ts";

export function showStage(): void {
  const stage = document.querySelector('[aria-label="Stage"]')?.getBoundingClientRect();
  if (stage === undefined || stage.top >= 0) return;
  scrollTo({ top: 0, behavior: prefersReducedMotion() ? "instant" : "smooth" });
}
