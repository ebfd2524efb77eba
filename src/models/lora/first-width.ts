/** The width of the UNet that a LoRA was made for, as far as its layers tell it. */

import type { LayerTensors } from "./layer.ts";

/** A projection from the outermost level's features to themselves, in the namings of LDM and of diffusers, of the UNet or of a motion module. */
const OUTERMOST =
  /(?:down_blocks[._]0[._](?:attentions|motion_modules)|input_blocks[._][12][._]1)[._].*(?:to_q|to_out[._]0|proj_in|proj_out)$|^down_blocks\.0\.motion_modules\..*to_(?:q|out)$/;

/** Channels of the UNet's outermost level; null: no layer of that level tells it. */
export function firstWidth(layers: ReadonlyMap<string, LayerTensors>): number | null {
  for (const [layer, { up, hada_w1_a, diff }] of layers) {
    const rows = OUTERMOST.test(layer) ? (up ?? hada_w1_a ?? diff)?.info.shape[0] : undefined;
    if (rows !== undefined) return rows;
  }
  return null;
}
