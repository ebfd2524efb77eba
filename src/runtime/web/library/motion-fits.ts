/** Finds the checkpoints on the shelf that a motion module can animate. */

import { checkMotionFits } from "../../../models/motion/load.ts";
import type { MotionConfig, UnetConfig } from "../../../models/types.ts";

export interface Partner {
  readonly name: string;
  readonly fits: boolean;
}

/** @returns a sentence when there are checkpoints that the module does not fit; null when it fits all */
export function motionFitsNotice(name: string, motion: MotionConfig, checkpoints: readonly Partner[]): string | null {
  const fitting = checkpoints.filter((checkpoint) => checkpoint.fits).map((checkpoint) => checkpoint.name);
  if (fitting.length === checkpoints.length) return null;
  const widths = motion.blockOutChannels.join(", ");
  return fitting.length === 0
    ? `${name} fits none of the checkpoints here: it was made for one with levels of widths ${widths}. Add such a checkpoint to use it.`
    : `${name} fits ${fitting.join(", ")}, and no other checkpoint here.`;
}

/** Whether a checkpoint could fit, judged by the widths of its levels alone. */
export function mayFit(levels: readonly number[] | undefined, { blockOutChannels }: MotionConfig): boolean {
  return levels === undefined || levels.join() === blockOutChannels.join();
}

export function fits(unet: UnetConfig, motion: MotionConfig): boolean {
  try {
    checkMotionFits(unet, motion);
    return true;
  } catch {
    return false;
  }
}
