/** The coordinates of DPM-Solver and UniPC: signal, noise, and half the log signal-to-noise ratio of a level. */

import type { NoiseLevel } from "../schedule.ts";

export interface LogSnr {
  /** √ᾱ */
  readonly signal: number;
  /** √(1 - ᾱ) */
  readonly noise: number;
  /** ln(signal / noise); infinite where no noise is left. */
  readonly lambda: number;
}

export interface SdeStep {
  /** Way in lambda; infinite where the step ends clean. */
  readonly h: number;
  /** Weights of the sample, of the clean estimate, and of unit-variance noise. */
  readonly carry: number;
  readonly gain: number;
  readonly spread: number;
}

/** The exact step of SDE-DPM-Solver++ for a constant clean estimate (Lu et al. 2022). */
export function sdeStep(from: NoiseLevel, to: NoiseLevel): SdeStep {
  const [s, t] = [logSnr(from), logSnr(to)];
  const h = t.lambda - s.lambda;
  const fresh = -Math.expm1(-2 * h);
  return { h, carry: (t.noise / s.noise) * Math.exp(-h), gain: t.signal * fresh, spread: t.noise * Math.sqrt(fresh) };
}

export function logSnr({ sigma }: NoiseLevel): LogSnr {
  const signal = 1 / Math.hypot(1, sigma);
  return { signal, noise: sigma * signal, lambda: -Math.log(sigma) };
}
