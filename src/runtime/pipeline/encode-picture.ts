/** Pictures to latents, for start videos and for hints of SparseCtrl. */

import { floatOutput, floats } from "../engine/backend.ts";
import { encoderPlan } from "../engine/plans/vae.ts";
import type { Job } from "./job.ts";
import { notFinite, type Rung } from "./precision-ladder.ts";

/**
 * The mean of the VAE's distribution, not a sample of it, so that it is reproducible.
 * @param pixels [3, H, W] in [-1, 1]
 * @returns [C, h, w] at the UNet's scale
 * @throws ZoetropeError `render/not-finite`
 */
export async function encodePicture(
  { request, engine }: Pick<Job, "request" | "engine">,
  { models, precision }: Rung,
  pixels: Float32Array,
): Promise<Float32Array> {
  const { height, width } = request.settings;
  const encoder = await engine.session(encoderPlan(models.vae, { height, width }, engine.style(precision)));
  const mean = floatOutput(await encoder.run({ pixels: floats(pixels, [1, 3, height, width]) }), "mean");
  if (!mean.every(Number.isFinite))
    throw notFinite("A picture could not be encoded: the VAE gave values that are not numbers.", "Try another VAE.");
  return mean.map((z) => z * models.family.latentScale);
}
