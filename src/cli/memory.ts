/** What the command line says of memory before it renders on the processor. */

import {
  type Change,
  type ClipShape,
  changeThatFits,
  estimatedBytes,
  type MemoryPlan,
  type ModelSize,
} from "../core/animation/memory.ts";

/** A warning where more is needed than there is; nothing is refused because of it. null: it fits, as far as can be told. */
export function memoryWarning(
  shape: ClipShape,
  model: ModelSize,
  plan: Pick<MemoryPlan, "decodeTile">,
  availableBytes: number,
): string | null {
  const needed = estimatedBytes(shape, model, plan);
  if (needed <= availableBytes) return null;
  const change = changeThatFits(shape, model, availableBytes);
  const advice = change === null ? "Choose a much smaller picture and fewer frames." : `It would fit with ${options(change)}.`;
  return `This needs about ${gigabytes(needed)} GB of memory; ${gigabytes(availableBytes)} GB are available. ${advice}`;
}

function options(change: Change): string {
  return Object.entries(change)
    .map(([name, value]) => `--${name} ${value}`)
    .join(" ");
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
