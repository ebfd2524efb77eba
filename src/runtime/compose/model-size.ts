/** How large the models of an animation are, as far as its memory depends on it. */

import type { ModelSize } from "../../core/animation/memory.ts";
import type { Precision } from "../../core/settings/render-settings.ts";
import { parameterCount } from "../../models/parameter-count.ts";
import type { ModelSet } from "./model-set.ts";

export function modelSize({ unet, motion, vae }: ModelSet, precision: Precision): ModelSize {
  return {
    parameters: parametersOf([unet, motion, vae]),
    precision,
    firstWidth: unet.config.blockOutChannels[0]!,
    vaeWidth: vae.config.blockOutChannels[0]!,
  };
}

/** Of what is in memory together while it denoises: controls, too, and no VAE. */
export function denoiserSize({ unet, motion, controls }: ModelSet, precision: Precision): ModelSize {
  return {
    parameters: parametersOf([unet, motion, ...controls]),
    precision,
    firstWidth: unet.config.blockOutChannels[0]!,
    vaeWidth: 0,
  };
}

function parametersOf(parts: readonly (Pick<ModelSet["unet"], "weights"> | null)[]): number {
  return parts.reduce((sum, part) => sum + (part === null ? 0 : parameterCount(part.weights)), 0);
}
