/**
 * Finds the weights that the layers of LoRA files belong to. kohya's flat names (`down_blocks_0_attentions_0_…`) cannot be split
 * again, because names contain underscores themselves. We therefore write every layer of the model in every naming and look it up.
 */

import { originalMotionName } from "../motion/keys.ts";
import { unetModules } from "../sd/unet-keys.ts";
import { modulePaths } from "../tensors.ts";
import type { WeightSource } from "../types.ts";

export type LoraComponent = "unet" | "textEncoder" | "motion";

/** The weights a LoRA can change; null or absent where the model has no such part. */
export type LoraTargets = Partial<Readonly<Record<LoraComponent, WeightSource | null>>>;

/** The part of a model that a layer belongs to, judged by its name alone, and its path within the part. */
export interface LayerAddress {
  readonly component: LoraComponent;
  readonly path: string;
}

/** kohya's OFT writes `oft_unet_`. */
const UNET_PREFIX = /^(lora_unet[_.]|oft_unet_|lycoris_|unet\.|model\.diffusion_model\.|diffusion_model\.)/;
/** OneTrainer writes `lora_te.` and, in OMI's naming, `clip_l.`; ComfyUI `text_encoders.clip_l.transformer.`. */
const TEXT_PREFIX =
  /^(lora_te1?[_.]|text_encoder\.|te\.|cond_stage_model\.transformer\.|(text_encoders\.)?clip_l\.(transformer\.)?|lycoris_(?=text_model_))/;

export function addressOf(layerName: string): LayerAddress {
  const name = layerName.replace(/^(base_model\.model\.|module\.|state_dict\.|base_model\.)+/, "");
  if (TEXT_PREFIX.test(name) || /^text_model[._]/.test(name))
    return { component: "textEncoder", path: name.replace(TEXT_PREFIX, "") };
  return { component: name.includes("motion_modules") ? "motion" : "unet", path: name.replace(UNET_PREFIX, "") };
}

/**
 * Every name under which a component's layers may appear in a LoRA -> canonical key of the weight. The key of a bias differs from it
 * in its ending only.
 */
export function layerNames(component: LoraComponent, weights: WeightSource): Map<string, string> {
  const names = new Map<string, string>();
  const keys = [...weights.keys()].filter((key) => key.endsWith(".weight"));
  const alias = ALIASES[component](keys);
  for (const key of keys) {
    const module = key.slice(0, -".weight".length);
    for (const name of [module, ...alias(module)]) {
      names.set(name, key);
      names.set(name.replaceAll(".", "_"), key);
    }
  }
  return names;
}

const ALIASES: Readonly<Record<LoraComponent, (keys: readonly string[]) => (module: string) => string[]>> = {
  unet: (keys) => {
    const paths = modulePaths(keys);
    const ldmOf = new Map(unetModules(([, canonical]) => paths.has(canonical)).map(([ldm, canonical]) => [canonical, ldm]));
    return (module) => {
      for (let end = module.length; end > 0; end = module.lastIndexOf(".", end - 1)) {
        const ldm = ldmOf.get(module.slice(0, end));
        if (ldm !== undefined) return [ldm + module.slice(end)];
      }
      return [];
    };
  },
  textEncoder: () => (module) => [module.replace(/^text_model\./, "")],
  motion: () => (module) => [originalMotionName(module)],
};
