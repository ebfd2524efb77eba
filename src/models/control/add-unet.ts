/**
 * ControlNets that are stored as differences from a UNet, and Control-LoRAs. Source: Mikubill/sd-webui-controlnet
 * `extract_controlnet_diff.py`; control-lora.ts.
 */

import type { WeightSource } from "../types.ts";

/**
 * Weights of a ControlNet: those of `difference`, plus the UNet's where it has a weight of the same name. Both have canonical names,
 * and the shapes of the same family (`control/wrong-width` refuses others before).
 * @param keys the weights that are differences; absent: all that both have
 */
export function addUnet(difference: WeightSource, unet: WeightSource, keys?: ReadonlySet<string>): WeightSource {
  return {
    has: (key) => difference.has(key),
    shape: (key) => difference.shape(key),
    keys: () => difference.keys(),
    read: async (key) => {
      const sum = Float32Array.from(await difference.read(key));
      if (!unet.has(key) || keys?.has(key) === false) return sum;
      const own = await unet.read(key);
      for (let i = 0; i < sum.length; i++) sum[i]! += own[i]!;
      return sum;
    },
  };
}
