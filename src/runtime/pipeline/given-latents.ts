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
  const wanted = latentDims(settings, models);
  if (latents.shape.every((length, i) => length === wanted[i])) return latents.read();
  const { vaeFactor } = models.family;
  const words = ([frames = 0, , height = 0, width = 0]: readonly number[]) =>
    `${frames} ${frames === 1 ? "frame" : "frames"} of ${vaeFactor * width} × ${vaeFactor * height}`;
  throw new ZoetropeError("latents/wrong-shape", {
    message: `The tuned clip's noise is for ${words(latents.shape)}; this animation has ${words(wanted)}.`,
    hint: "Match frames, width and height to it.",
  });
}
