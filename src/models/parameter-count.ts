/** How large a network is. */

import type { Component } from "./types.ts";

export function parameterCount({ weights }: Pick<Component<unknown>, "weights">): number {
  let count = 0;
  for (const key of weights.keys()) count += weights.shape(key).reduce((product, size) => product * size, 1);
  return count;
}
