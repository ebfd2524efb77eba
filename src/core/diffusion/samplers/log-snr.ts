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

export function logSnr({ sigma }: NoiseLevel): LogSnr {
  const signal = 1 / Math.hypot(1, sigma);
  return { signal, noise: sigma * signal, lambda: -Math.log(sigma) };
}
