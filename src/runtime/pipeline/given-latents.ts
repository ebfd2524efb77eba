/** Latents that are given to begin with, in place of the seed's noise. */

import { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { TunedClip } from "../../models/tuned-clip.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { latentShape } from "./latent-shape.ts";

/** [F, C, h, w] */
export function latentDims(settings: RenderSettings, models: ModelSet): readonly number[] {
  const { frames, channels, height, width } = latentShape(settings, models);
  return [frames, channels, height, width];
}

/** @throws ZoetropeError `latents/wrong-shape` */
export function checkLatents(
  name: string,
  found: readonly number[] | undefined,
  settings: RenderSettings,
  models: ModelSet,
): void {
  const wanted = latentDims(settings, models);
  if (found?.length === 4 && found.every((d, i) => d === wanted[i])) return;
  throw new ZoetropeError("latents/wrong-shape", {
    message: `${name} should be of shape ${wanted.join("×")}; it has ${found?.join("×") ?? "none of that name"}.`,
    hint: "Match frames, width and height to it.",
  });
}

/**
 * The noise that draws the clip again that a UNet was tuned on.
 * @param latents null: none came with the models
 * @throws ZoetropeError `latents/wrong-shape` where the animation has another size or length than the clip
 */
export async function clipLatents(
  latents: TunedClip["latents"],
  settings: RenderSettings,
  models: ModelSet,
): Promise<Float32Array | null> {
  if (latents === null) return null;
  checkLatents("The noise of the tuned clip", latents.shape, settings, models);
  return latents.read();
}
