/** Which checkpoints on the shelf a motion module can animate: told when it is added, and it is converted as they are. */

import { checkMotionFits } from "../../models/motion/load.ts";
import type { MotionConfig, UnetConfig } from "../../models/types.ts";

/** @returns a sentence when there are checkpoints that the module does not fit; null when it fits all */
export function motionFitsNotice(
  name: string,
  motion: MotionConfig,
  checkpoints: readonly { readonly name: string; readonly unet: UnetConfig }[],
): string | null {
  const fitting = checkpoints.filter(({ unet }) => fits(unet, motion)).map((checkpoint) => checkpoint.name);
  if (fitting.length === checkpoints.length) return null;
  const widths = motion.blockOutChannels.join(", ");
  return fitting.length === 0
    ? `${name} fits none of the checkpoints here: it was made for one with levels of widths ${widths}. Add such a checkpoint to use it.`
    : `${name} fits ${fitting.join(", ")}, and no other checkpoint here.`;
}

export function fits(unet: UnetConfig, motion: MotionConfig): boolean {
  try {
    checkMotionFits(unet, motion);
    return true;
  } catch {
    return false;
  }
}
