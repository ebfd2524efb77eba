/** Classifier-free guidance (Ho & Salimans 2022) and its rescaling (Lin et al. 2024, "Common diffusion noise schedules…", section 3.4). */

import { weightedSum } from "./latents.ts";
import { TRAINING_STEPS } from "./schedule.ts";

/** uncond + scale · (cond - uncond). A scale of 1 is `cond` itself: callers then need no unconditional pass at all. */
export function guide(uncond: Float32Array, cond: Float32Array, scale: number): Float32Array<ArrayBuffer> {
  return weightedSum([1 - scale, uncond], [scale, cond]);
}

/**
 * Whether guidance applies in a limited interval (Kynkäänniemi et al. 2024, arXiv 2404.07724): it hurts at high noise and does little
 * at low noise.
 * @param start,end share of the way from pure noise (0) to the clean picture (1), by timestep, both included
 */
export function isGuided(timestep: number, { start, end }: { readonly start: number; readonly end: number }): boolean {
  const progress = 1 - timestep / (TRAINING_STEPS - 1);
  return progress >= start && progress <= end;
}

/**
 * Guidance raises the contrast of a prediction; this takes `amount` of the raise back.
 * @param guided,cond predictions of the whole clip, any layout: the deviation is taken over all values
 * @param amount      0 leaves `guided` as it is, 1 gives it the deviation of `cond`
 */
export function rescaleGuidance(guided: Float32Array, cond: Float32Array, amount: number): Float32Array<ArrayBuffer> {
  const ratio = deviation(cond) / deviation(guided);
  return weightedSum([amount * ratio + 1 - amount, guided]);
}

function deviation(values: Float32Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares);
}
