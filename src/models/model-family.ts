/**
 * What a family of models has in common, as far as the pipeline depends on it: how latents relate to pixels, and the defaults where
 * neither checkpoint nor motion module says anything.
 */

import { SD_VAE_FACTOR, vaeFactor } from "./sd/vae-factor.ts";
import type { VaeConfig } from "./types.ts";

/** Rough colours straight from latents: rgb = matrix · latent + bias, in [-1, 1]. */
export interface PreviewMap {
  /** Rows r, g, b over the latent channels. */
  readonly matrix: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

export interface ModelFamily {
  readonly name: string;
  /** Text encoders whose hidden states the UNet attends to, in order. */
  readonly textEncoders: readonly "clip"[];
  /** Pixels on the side of one latent place. */
  readonly vaeFactor: number;
  readonly latentChannels: number;
  /** Latents that the UNet sees = the VAE's mean × latentScale. */
  readonly latentScale: number;
  readonly preview: PreviewMap;
  /** Size that most of its models were trained on, in pixels. */
  readonly defaultSize: { readonly width: number; readonly height: number };
}

export const SD1_FAMILY: ModelFamily = {
  name: "Stable Diffusion 1.x",
  textEncoders: ["clip"],
  vaeFactor: SD_VAE_FACTOR,
  latentChannels: 4,
  latentScale: 0.18215,
  // The linear fit that is in common use (posted by K. Turner, 2022).
  preview: {
    matrix: [
      [0.298, 0.187, -0.158, -0.184],
      [0.207, 0.286, 0.189, -0.271],
      [0.208, 0.173, 0.264, -0.473],
    ],
    bias: [0, 0, 0],
  },
  defaultSize: { width: 512, height: 512 },
};

/** The family as one VAE realises it. @param preview null: the family's own map */
export function familyWithVae(family: ModelFamily, vae: VaeConfig, preview: PreviewMap | null): ModelFamily {
  return {
    ...family,
    vaeFactor: vaeFactor(vae),
    latentChannels: vae.latentChannels,
    latentScale: vae.scalingFactor,
    preview: preview ?? family.preview,
  };
}
