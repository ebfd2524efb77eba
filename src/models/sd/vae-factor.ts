import type { VaeConfig } from "../types.ts";

/** Pixels along the side of one latent position: 8 in SD 1.x. Every level of the VAE but the innermost halves the picture. */
export function vaeFactor({ blockOutChannels }: Pick<VaeConfig, "blockOutChannels">): number {
  return 2 ** (blockOutChannels.length - 1);
}

/** The factor of checkpoints that come without a VAE: they are meant to be used with a VAE of SD 1.x. */
export const SD_VAE_FACTOR = 8;
