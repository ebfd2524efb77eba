/** Reads the integers that a node takes as an input: axes, pads, begins and ends. */

import type { Value } from "../graph.ts";

/** Throws RangeError for a value that is no constant of its graph. */
export function integersOf(value: Value): number[] {
  const constant = value.graph.constants.get(value.name);
  if (constant?.type !== "int64") throw new RangeError(`${value.name} is not a constant of integers`);
  const bytes = constant.bytes.slice();
  return Array.from(new BigInt64Array(bytes.buffer), Number);
}
