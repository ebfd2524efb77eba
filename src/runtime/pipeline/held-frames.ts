/** Frames that are given as pictures, such as the first and the last: their latents, which sampling holds (core/diffusion/held-values.ts). */

import type { HeldValues } from "../../core/diffusion/held-values.ts";
import type { SamplerPlan } from "../../core/diffusion/sampler.ts";
import type { Job } from "./job.ts";
import { encodePictures } from "./start-latents.ts";

/** @throws ZoetropeError `render/not-finite` */
export async function encodeHeldFrames(job: Job): Promise<readonly HeldValues[]> {
  const { heldFrames = [] } = job.request;
  const { channels, height, width } = job.latentShape;
  const latents = await encodePictures(
    job,
    heldFrames.map(({ pixels }) => pixels),
  );
  return heldFrames.map(({ frame }, i) => ({ offset: frame * channels * height * width, clean: latents[i]! }));
}

/** The held values at the noise level of the plan's first step. @param noise of the whole clip */
export function noisedHeld(plan: SamplerPlan, held: readonly HeldValues[], noise: Float32Array): readonly HeldValues[] {
  return held.map(({ offset, clean }) => ({
    offset,
    clean: plan.addNoise(clean, noise.subarray(offset, offset + clean.length)),
  }));
}
