/** How large the models of an animation are, as far as its memory depends on it. */

import type { ModelSize } from "../../core/animation/memory.ts";
import type { Precision } from "../../core/settings/render-settings.ts";
import { parameterCount } from "../../models/parameter-count.ts";
import type { Component } from "../../models/types.ts";
import type { ModelSet } from "./model-set.ts";

type Weighed = Pick<Component<unknown>, "weights">;

/** UNet, motion module and VAE; the text encoder is freed before they run. */
export function modelSize({ unet, motion, vae, family }: ModelSet, precision: Precision): ModelSize {
  return {
    parameters: parametersOf([unet, motion, vae]),
    precision,
    firstWidth: unet.config.blockOutChannels[0]!,
    vaeWidth: vae.config.blockOutChannels[0]!,
    vaeFactor: family.vaeFactor,
  };
}

/** Everything that is in memory together while a clip is denoised: control models too, and no VAE. */
export function denoiserSize({ unet, motion, family }: ModelSet, controls: readonly Weighed[], precision: Precision): ModelSize {
  return {
    parameters: parametersOf([unet, motion, ...controls]),
    precision,
    firstWidth: unet.config.blockOutChannels[0]!,
    vaeWidth: 0,
    vaeFactor: family.vaeFactor,
  };
}

function parametersOf(parts: readonly (Weighed | null)[]): number {
  return parts.reduce((sum, part) => sum + (part === null ? 0 : parameterCount(part.weights)), 0);
}
