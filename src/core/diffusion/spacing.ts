/**
 * Chooses the timesteps that a sampler visits when it takes N steps through the 1000 of training, with their noise levels.
 * Spacing names as in Lin et al. 2024 ("Common diffusion noise schedules…", table 2); values as diffusers computes them.
 */

import {
  CLEAN,
  interpolate,
  type NoiseLevel,
  type NoiseTable,
  roundHalfEven,
  rowAtSigma,
  type ScheduleRow,
  type ScheduleStep,
  TRAINING_STEPS,
  timestepOfSigma,
} from "./schedule.ts";

/** Distance of neighbouring timesteps in leading spacing, and DDIM's idea of "one step earlier" in every spacing. */
export function stride(count: number): number {
  return Math.floor(TRAINING_STEPS / count);
}

/** Multiples of the stride plus 1: 801, 601, 401, 201, 1. (1000 steps would begin at 1000; it is clamped to the last row, 999.) */
export function leading(count: number): number[] {
  return descending(count, (k) => Math.min(stride(count) * k + 1, TRAINING_STEPS - 1));
}

/** Evenly down from the very last timestep: 999, 799, 599, 399, 199. */
export function trailing(count: number): number[] {
  // The increment of numpy.arange(1000, 0, -1000 / N); its rounding error decides which side of a half a value falls.
  const increment = TRAINING_STEPS - TRAINING_STEPS / count - TRAINING_STEPS;
  return Array.from({ length: count }, (_, k) => roundHalfEven(TRAINING_STEPS + k * increment) - 1);
}

/** Evenly between both ends, fractional (rounded to fp32): 999, 749.25, 499.5, 249.75, 0. A single step is at 0. */
export function linspace(count: number): number[] {
  const step = (TRAINING_STEPS - 1) / Math.max(count - 1, 1);
  return descending(count, (k) => Math.fround(k * step));
}

/** N + 1 whole timesteps between both ends, without the final 0: 999, 799, 599, 400, 200 (multistep solvers). */
export function multistep(count: number): number[] {
  const step = (TRAINING_STEPS - 1) / count;
  return descending(count, (k) => roundHalfEven((k + 1) * step));
}

function descending(count: number, at: (k: number) => number): number[] {
  return Array.from({ length: count }, (_, k) => at(count - 1 - k));
}

/** Rows at (fractional) timesteps, sigma linear between the table's. */
export function interpolatedRows(table: NoiseTable, timesteps: readonly number[]): ScheduleRow[] {
  return timesteps.map((t) => rowAtSigma(t, interpolate(table.sigma, t)));
}

/** Noise levels of Karras et al. 2022 (eq. 5, rho = 7) over the whole table; timesteps are rounded, sigmas are not. */
export function karrasRows(table: NoiseTable, count: number): ScheduleRow[] {
  const rho = 7;
  const max = table.sigma[TRAINING_STEPS - 1]! ** (1 / rho);
  const min = table.sigma[0]! ** (1 / rho);
  return Array.from({ length: count }, (_, k) => {
    const sigma = (max + (k / Math.max(count - 1, 1)) * (min - max)) ** rho;
    return rowAtSigma(roundHalfEven(timestepOfSigma(table.sigma, sigma)), sigma);
  });
}

/** Every row leads to the next, the last one to `end`. */
export function consecutive(rows: readonly ScheduleRow[], end: NoiseLevel = CLEAN): ScheduleStep[] {
  return rows.map((at, k) => ({ at, to: rows[k + 1] ?? end }));
}
