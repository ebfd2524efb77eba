/** Loads ControlNets (original single files and diffusers folders) and SparseCtrls of AnimateDiff v3. */

import { ZoetropeError } from "../../core/errors.ts";
import { findControl } from "../anatomy.ts";
import type { ConfigJson } from "../config-json.ts";
import { refuseOtherFamily } from "../families.ts";
import { type ModelFile, modelName } from "../files.ts";
import { configOf, weightFiles } from "../folder.ts";
import { readMotion } from "../motion/load.ts";
import { unetFromJson } from "../sd/json-to-config.ts";
import { unetFromShapes } from "../sd/shapes-to-config.ts";
import { canonicalUnet } from "../sd/unet-keys.ts";
import { below, openTensors, shapeOf, type TensorTable } from "../tensors.ts";
import type { ControlNet, SparseCtrl, UnetConfig } from "../types.ts";
import { fileWeights, firstStranger, type NamedTensors, type Place, takePlaces } from "../weights.ts";
import { CONTROL_LORA, expandControlLora, isProduct } from "./control-lora.ts";
import { controlPlaces, hintPlaces, rgbConditionPlaces } from "./places.ts";

const PIXEL_CHANNELS = 3;
const MASK_CHANNELS = 1;
/** Only its name tells the one pooled ControlNet of SD 1.5, control_v11e_sd15_shuffle; ComfyUI and A1111 go by it, too. */
const SHUFFLE = /shuffle/i;
/** A tensor of this name marks files of differences. Source: Mikubill/sd-webui-controlnet `extract_controlnet_diff.py`. */
const DIFFERENCE = "difference";

interface Opened {
  readonly name: string;
  readonly fileName: string;
  readonly json: ConfigJson | null;
  readonly table: TensorTable;
  /** Canonical names. */
  readonly named: TensorTable;
  readonly unet: UnetConfig;
}

export async function loadControlNet(files: readonly ModelFile[]): Promise<ControlNet> {
  const opened = await openControl(files);
  if (isSparse(opened.named)) {
    throw new ZoetropeError("controlnet/is-sparsectrl", {
      message: `${opened.fileName} is a SparseCtrl, not a ControlNet.`,
      hint: "Give it as SparseCtrl, with pictures for single frames.",
    });
  }
  opened.json?.mustBe("controlnet_conditioning_channel_order", "rgb");
  const hintChannels = hintWidths(opened.named);
  const { unet, fileName } = opened;
  const places = [...controlPlaces(unet), ...hintPlaces(PIXEL_CHANNELS, hintChannels, unet.blockOutChannels[0]!)];
  const taken = takeAll(opened, places);
  const pooled = opened.json?.boolean("global_pool_conditions", false) ?? SHUFFLE.test(opened.name);
  const products = [...taken].flatMap(([key, { ref }]) => (isProduct(ref) ? [key] : []));
  const config = {
    ...{ unet, hintChannels, pooled },
    difference: opened.table.has(DIFFERENCE) || products.length > 0,
    ...(products.length === 0 ? {} : { differences: new Set(products) }),
  };
  return { name: opened.name, config, weights: fileWeights(taken, fileName) };
}

export async function loadSparseCtrl(files: readonly ModelFile[]): Promise<SparseCtrl> {
  const opened = await openControl(files);
  const { named, unet, fileName, json } = opened;
  if (!isSparse(named)) {
    throw new ZoetropeError("sparsectrl/is-controlnet", {
      message: `${fileName} is a ControlNet, not a SparseCtrl.`,
      hint: "Give it as ControlNet, with a picture for every frame or one for all.",
    });
  }
  json?.mustBe("concat_conditioning_mask", true);
  json?.mustBe("set_noisy_sample_input_to_zero", true);
  const condition = named.has("controlnet_cond_embedding.weight") ? "rgb" : "scribble";
  const hintChannels = condition === "rgb" ? [] : hintWidths(named);
  const base = unet.blockOutChannels[0]!;
  const conditionPlaces =
    condition === "rgb"
      ? rgbConditionPlaces(unet.inChannels + MASK_CHANNELS, base)
      : hintPlaces(PIXEL_CHANNELS + MASK_CHANNELS, hintChannels, base);
  const motion = readMotion(opened.table, json, fileName);
  const taken = new Map([...takeAll(opened, [...controlPlaces(unet), ...conditionPlaces]), ...motion.taken]);
  return {
    name: opened.name,
    config: { unet, condition, hintChannels, motion: motion.config },
    weights: fileWeights(taken, fileName),
  };
}

async function openControl(files: readonly ModelFile[]): Promise<Opened> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const { table: stored } = await openTensors(parts);
  const table = stored.has(CONTROL_LORA) ? expandControlLora(stored) : stored;
  const part = findControl(table);
  if (part === null) {
    throw new ZoetropeError("controlnet/not-a-controlnet", {
      message: `${fileName} is not a ControlNet: it has no zero convolutions.`,
      hint: "Choose a ControlNet for SD 1.5, for example control_v11p_sd15_openpose.",
    });
  }
  refuseOtherFamily(table, "ControlNet", fileName);
  const own = below(table, part.prefix);
  const named = part.naming === "ldm" ? canonicalUnet(own) : own;
  const json = await configOf(files);
  const found = { ...unetFromShapes(named, fileName), upLayers: [], upAttention: [] };
  const unet = json === null ? found : unetFromJson(json, found);
  return { name: modelName(files), fileName, json, table, named, unet };
}

export function isSparse(tensors: TensorTable): boolean {
  for (const key of tensors.keys())
    if (key.includes("motion_modules.") || key.endsWith("controlnet_cond_embedding.weight")) return true;
  return false;
}

/** 16, 32, 96, 256 in SD 1.5: the widths after conv_in and after each widening convolution. */
function hintWidths(named: TensorTable): number[] {
  const widths: number[] = [];
  for (let i = -1; ; i += 2) {
    const key = `controlnet_cond_embedding.${i < 0 ? "conv_in" : `blocks.${i}`}.weight`;
    const width = shapeOf(named, key)?.[0];
    if (width === undefined) return widths;
    widths.push(width);
  }
}

function takeAll({ named, fileName }: Opened, places: Iterable<Place>): NamedTensors {
  const taken = takePlaces(named, places, fileName);
  const stranger = firstStranger(named, taken, /^(down_blocks|mid_block|controlnet_)(?!.*motion_modules)/);
  if (stranger === null) return taken;
  throw new ZoetropeError("controlnet/unknown-layer", {
    message: `${fileName} has a layer that a ControlNet of SD 1.5 does not: "${stranger.info.name}".`,
    hint: "Choose a plain ControlNet for SD 1.5.",
  });
}
