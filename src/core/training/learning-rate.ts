/** Learning rates over the steps: a linear warm-up, then constant or along half a cosine to 0, as diffusers' `get_scheduler`. */

export type LearningRateShape = "constant" | "cosine";

export interface LearningRateSettings {
  readonly peak: number;
  readonly shape: LearningRateShape;
  readonly warmupSteps: number;
}

/** @param step from 0 to steps - 1 */
export function learningRate({ peak, shape, warmupSteps }: LearningRateSettings, step: number, steps: number): number {
  if (step < warmupSteps) return (peak * step) / warmupSteps;
  if (shape === "constant") return peak;
  const progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
  return (peak * (1 + Math.cos(Math.PI * progress))) / 2;
}
