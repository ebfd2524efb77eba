/** How large the models of an animation are, as far as its memory depends on it. */

import type { ModelSize } from "../core/animation/memory.ts";
import { parameterCount } from "../models/parameter-count.ts";
import type { Precision } from "../protocol/render.ts";
import type { ModelSet } from "./model-set.ts";

export function modelSize({ unet, motion, vae }: ModelSet, precision: Precision): ModelSize {
  const parts = [unet.weights, vae.weights, ...(motion === null ? [] : [motion.weights])];
  return {
    parameters: parts.reduce((sum, weights) => sum + parameterCount(weights), 0),
    precision,
    firstWidth: unet.config.blockOutChannels[0]!,
    vaeWidth: vae.config.blockOutChannels[0]!,
  };
}
