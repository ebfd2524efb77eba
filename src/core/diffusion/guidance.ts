/** Classifier-free guidance (Ho & Salimans 2022) and its rescaling (Lin et al. 2024, "Common diffusion noise schedules…", section 3.4). */

import { weightedSum } from "./latents.ts";
import { TRAINING_STEPS } from "./schedule.ts";

/**
 * uncond + scale · (cond - uncond). A scale of 1 is `cond` itself: callers then need no unconditional pass at all.
 * @param scale one for the clip, or one for each of its frames, which are equal parts of the arrays
 */
export function guide(uncond: Float32Array, cond: Float32Array, scale: number | Float32Array): Float32Array<ArrayBuffer> {
  if (typeof scale === "number") return weightedSum([1 - scale, uncond], [scale, cond]);
  const each = cond.length / scale.length;
  const guided = new Float32Array(cond.length);
  for (const [frame, own] of scale.entries()) {
    const [from, to] = [frame * each, (frame + 1) * each];
    guided.set(weightedSum([1 - own, uncond.subarray(from, to)], [own, cond.subarray(from, to)]), from);
  }
  return guided;
}

/**
 * Whether guidance applies in a limited interval (Kynkäänniemi et al. 2024, arXiv 2404.07724): it hurts at high noise and does little
 * at low noise.
 * @param start,end share of the way from pure noise (0) to the clean picture (1), by timestep, both included
 */
export function isGuided(timestep: number, { start, end }: { readonly start: number; readonly end: number }): boolean {
  // Interpolated timesteps may be a rounding beyond the table.
  const progress = Math.min(1, Math.max(0, 1 - timestep / (TRAINING_STEPS - 1)));
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
