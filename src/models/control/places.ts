/** Lists the tensors of ControlNets and SparseCtrls, with their shapes. Source: diffusers `ControlNetModel`, `SparseControlNetModel`. */

import { convPlaces, unetDownPlaces } from "../sd/unet-layout.ts";
import type { UnetConfig } from "../types.ts";
import type { Place } from "../weights.ts";

/** The UNet's first half, and a zero convolution for each of its skips and for its middle. */
export function* controlPlaces(unet: UnetConfig): Iterable<Place> {
  const skips: number[] = [];
  yield* unetDownPlaces(unet, skips);
  for (const [i, width] of skips.entries()) yield* convPlaces(`controlnet_down_blocks.${i}`, width, width, 1);
  const inner = unet.blockOutChannels.at(-1)!;
  yield* convPlaces("controlnet_mid_block", inner, inner, 1);
}

/** The hint network: conv_in, then for each width one convolution that keeps and one (stride 2) that widens, conv_out. */
export function* hintPlaces(inputs: number, widths: readonly number[], out: number): Iterable<Place> {
  const path = "controlnet_cond_embedding";
  yield* convPlaces(`${path}.conv_in`, widths[0]!, inputs, 3);
  for (let i = 0; i + 1 < widths.length; i++) {
    yield* convPlaces(`${path}.blocks.${2 * i}`, widths[i]!, widths[i]!, 3);
    yield* convPlaces(`${path}.blocks.${2 * i + 1}`, widths[i + 1]!, widths[i]!, 3);
  }
  yield* convPlaces(`${path}.conv_out`, out, widths.at(-1)!, 3);
}

/** rgb SparseCtrl: one convolution over VAE latents and mask, under the name the files give it. */
export function* rgbConditionPlaces(inputs: number, out: number): Iterable<Place> {
  yield* convPlaces("controlnet_cond_embedding", out, inputs, 3);
}
