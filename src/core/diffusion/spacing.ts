/**
 * Chooses the timesteps that a sampler visits when it takes N steps through the 1000 of training, with their noise levels. Some
 * spacings choose timesteps (`leading`, `trailing`, `linspace`, `multistep`), others noise levels (`karras`, `exponential`, `beta`).
 * Names as in Lin et al. 2024 ("Common diffusion noise schedules…", table 2); values as diffusers computes them.
 */

import { betaQuantile } from "./beta-quantile.ts";
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

/** Rows at noise levels that need not be in the table. `whole` turns fractional timesteps into those that the network gets. */
export function rowsAtSigmas(
  table: NoiseTable,
  sigmas: readonly number[],
  whole: (timestep: number) => number = Math.fround,
): ScheduleRow[] {
  return sigmas.map((sigma) => rowAtSigma(whole(timestepOfSigma(table.sigma, sigma)), sigma));
}

/** N noise levels from the highest of the table down to the lowest. A single one is the highest. */
export type SigmaSpacing = (table: NoiseTable, count: number) => number[];

/** Evenly in sigma^(1/7) (Karras et al. 2022, eq. 5). */
export const karras: SigmaSpacing = (table, count) => {
  const rho = 7;
  const [max, min] = sigmaRange(table);
  return fractions(count, (k) => (max ** (1 / rho) + k * (min ** (1 / rho) - max ** (1 / rho))) ** rho);
};

/** Evenly in ln sigma. */
export const exponential: SigmaSpacing = (table, count) => {
  const [max, min] = sigmaRange(table).map(Math.log) as [number, number];
  return fractions(count, (k) => Math.exp(max + k * (min - max)));
};

/** Quantiles of Beta(0.6, 0.6), which crowd at both ends (Lee et al. 2024, "Beta Sampling is All You Need"). */
export const beta: SigmaSpacing = (table, count) => {
  const [max, min] = sigmaRange(table);
  return fractions(count, (k) => min + betaQuantile(1 - k, 0.6) * (max - min));
};

function sigmaRange({ sigma }: NoiseTable): [max: number, min: number] {
  return [sigma[TRAINING_STEPS - 1]!, sigma[0]!];
}

/** Values at N evenly spaced fractions from 0 to 1. */
function fractions(count: number, at: (fraction: number) => number): number[] {
  return Array.from({ length: count }, (_, k) => at(k / Math.max(count - 1, 1)));
}

/** Every row leads to the next, the last one to `end`. */
export function consecutive(rows: readonly ScheduleRow[], end: NoiseLevel = CLEAN): ScheduleStep[] {
  return rows.map((at, k) => ({ at, to: rows[k + 1] ?? end }));
}
