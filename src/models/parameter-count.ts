/** Counts the parameters of a network. */

import type { WeightSource } from "./types.ts";

export function parameterCount(weights: WeightSource): number {
  let count = 0;
  for (const key of weights.keys()) count += weights.shape(key).reduce((product, size) => product * size, 1);
  return count;
}
