/** The learning rate that a training begins with where nobody has chosen one. */

import type { TrainingKind } from "./training-settings.ts";

/** Networks below this learn at a higher rate. */
const SMALL_PARAMETERS = 50e6;

/**
 * LoRAs of Stable Diffusion learn at 1e-4, as other trainers have it, and
 * Tune-A-Video at 3e-5, as its paper; a network as small as Mini wants longer steps.
 * @param parameters of the UNet
 */
export function suitableLearningRate(kind: TrainingKind, parameters: number): number {
  const small = parameters < SMALL_PARAMETERS;
  if (kind === "tune-a-video") return small ? 3e-4 : 3e-5;
  return small && (kind === "lora" || kind === "motion-lora") ? 2e-3 : 1e-4;
}
