/** Shape of a clip's latents. */

import type { LatentShape } from "../../core/diffusion/noise.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";

/** @throws ZoetropeError `settings/width`, `settings/height` when a side is no multiple of the family's VAE factor */
export function latentShape(
  { frames, width, height }: Pick<RenderSettings, "frames" | "width" | "height">,
  { unet, family }: Pick<ModelSet, "unet" | "family">,
): LatentShape {
  const places = (side: "width" | "height", pixels: number) => {
    const { vaeFactor } = family;
    if (pixels % vaeFactor === 0) return pixels / vaeFactor;
    throw new ZoetropeError(`settings/${side}`, {
      message: `With this VAE the ${side} must be a multiple of ${vaeFactor} pixels; it is ${pixels}.`,
      hint: `Choose ${Math.ceil(pixels / vaeFactor) * vaeFactor}.`,
    });
  };
  return { frames, channels: unet.config.inChannels, height: places("height", height), width: places("width", width) };
}
