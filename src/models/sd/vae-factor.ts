import type { VaeConfig } from "../types.ts";

/** Pixels along the side of one latent position: 8 in SD 1.x. Every level of the VAE but the innermost halves the picture. */
export function vaeFactor({ blockOutChannels }: Pick<VaeConfig, "blockOutChannels">): number {
  return 2 ** (blockOutChannels.length - 1);
}

/** The factor of SD 1.x, and of checkpoints that come without a VAE, because they are meant to be used with one of SD 1.x. */
export const SD_VAE_FACTOR = 8;
