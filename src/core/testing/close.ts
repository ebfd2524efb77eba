/** Element-wise comparison of tensors in tests, with the tolerance stated where it is used. */

import { expect } from "vitest";

export interface Tolerance {
  /** |actual - expected|₂ / |expected|₂ */
  readonly relL2?: number;
  /** Largest |actual - expected| of one element. */
  readonly maxAbs?: number;
}

/** Fails unless both have the same length, every element is finite, and every given limit holds. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance): void {
  expect(actual.length, "number of elements").toBe(expected.length);
  let [worst, worstAt, difference, reference] = [0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const delta = Math.abs(actual[i]! - expected[i]!);
    if (!Number.isFinite(delta)) expect.fail(`element ${i} is ${actual[i]}, expected ${expected[i]}`);
    difference += delta ** 2;
    reference += expected[i]! ** 2;
    if (delta > worst) [worst, worstAt] = [delta, i];
  }
  const where = `worst at ${worstAt}: ${actual[worstAt]} for ${expected[worstAt]}`;
  if (tolerance.maxAbs !== undefined) {
    expect(worst, `largest difference, ${where}`).toBeLessThanOrEqual(tolerance.maxAbs);
  }
  if (tolerance.relL2 !== undefined) {
    const relative = difference === 0 ? 0 : Math.sqrt(difference / reference);
    expect(relative, `relative L2 difference, ${where}`).toBeLessThanOrEqual(tolerance.relL2);
  }
}
