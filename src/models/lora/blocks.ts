/**
 * The 26 blocks that LoRA Block Weight numbers: BASE (the text encoder), IN00 to IN11, MID, OUT00 to OUT11, which are LDM's input and
 * output blocks of SD 1.x. Source: hako-mikan/sd-webui-lora-block-weight.
 */

import { unetModules } from "../sd/unet-keys.ts";
import { modulePaths } from "../tensors.ts";
import type { WeightSource } from "../types.ts";

export const BASE_BLOCK = 0;
const FIRST_INPUT = 1;
const MIDDLE = 13;
const FIRST_OUTPUT = 14;

const blocksOf = new WeakMap<WeightSource, ReadonlyMap<string, number>>();

/** Block of a UNet's canonical key; null for the time embedding and the last layers, which belong to none. */
export function unetBlock(key: string, unet: WeightSource): number | null {
  let blocks = blocksOf.get(unet);
  if (blocks === undefined) {
    blocks = readBlocks(unet);
    blocksOf.set(unet, blocks);
  }
  for (let end = key.lastIndexOf("."); end > 0; end = key.lastIndexOf(".", end - 1)) {
    const block = blocks.get(key.slice(0, end));
    if (block !== undefined) return block;
  }
  return null;
}

function readBlocks(unet: WeightSource): Map<string, number> {
  const paths = modulePaths(unet.keys());
  const blocks = new Map<string, number>();
  for (const [ldm, canonical] of unetModules(([, path]) => paths.has(path))) {
    const [, side, index] = /^(input|middle|output)_block(?:s\.(\d+))?\./.exec(ldm) ?? [];
    if (side === "middle") blocks.set(canonical, MIDDLE);
    else if (side !== undefined) blocks.set(canonical, Number(index) + (side === "input" ? FIRST_INPUT : FIRST_OUTPUT));
  }
  return blocks;
}
