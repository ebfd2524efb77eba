/** The warning about memory that the command line gives before it renders on the processor. */

import {
  type Change,
  type ClipShape,
  changeThatFits,
  estimatedBytes,
  type MemoryPlan,
  type ModelSize,
} from "../core/animation/memory.ts";
import { type SettingsSchema, settingsSchema } from "../core/settings/schema.ts";

/** A warning when a render needs more memory than is available; it goes ahead all the same. null: it fits, by this estimate. */
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
    .map(([name, value]) => `--${settingsSchema[name as keyof SettingsSchema].flag} ${value}`)
    .join(" ");
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
