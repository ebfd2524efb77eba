/**
 * Loads motion modules: AnimateDiff's own files and diffusers MotionAdapters. The tensors tell the version: the length of the
 * position table, and whether the middle block has a module. Modules for few steps are told by their names, or by what only AnimateLCM
 * does: store no position table. Source: docs of guoyww/AnimateDiff, AnimateLCM, open-mmlab/PIA, Kosinkadink/ComfyUI-AnimateDiff-Evolved.
 */

import { ZoetropeError } from "../../core/errors.ts";
import { findMotion } from "../anatomy.ts";
import type { ConfigJson } from "../config-json.ts";
import { checkDivision } from "../division.ts";
import { fewStepsOf } from "../few-steps.ts";
import { type ModelFile, modelName } from "../files.ts";
import { configOf, weightFiles } from "../folder.ts";
import { NO_DEFAULTS } from "../sd/sampling-defaults.ts";
import { below, openTensors, shapeOf, type TensorTable } from "../tensors.ts";
import type { FewSteps, MotionConfig, MotionModule, MotionVersion, SamplingDefaults, UnetConfig } from "../types.ts";
import { fileWeights, firstStranger, type NamedTensors, takePlaces } from "../weights.ts";
import { canonicalMotion, motionPlaces } from "./keys.ts";
import { refuseCameraControl, relativeOf } from "./relatives.ts";

const SD_MOTION_HEADS = 8;
const SD_GROUPS = 32;
const LCM_FRAMES = 64;

/** The schedule that motion modules were trained with: linear betas. */
const TRAINED: SamplingDefaults = { ...NO_DEFAULTS, betaSchedule: "linear", betaStart: 0.00085, betaEnd: 0.012, frames: 16 };

export async function loadMotionModule(files: readonly ModelFile[]): Promise<MotionModule> {
  const parts = await weightFiles(files);
  const { table, metadata } = await openTensors(parts);
  const fileName = parts[0]!.source.name;
  const json = await configOf(files);
  const names = [modelName(files), fileName, metadata["modelspec.title"], json?.text("_name_or_path", "")];
  return motionFrom(table, json, fileName, names);
}

function motionFrom(
  table: TensorTable,
  json: ConfigJson | null,
  fileName: string,
  names: readonly (string | undefined)[],
): MotionModule {
  const { config: found, taken } = readMotion(table, json, fileName);
  const named = fewStepsOf(names, "motion");
  const fewSteps = named ?? (found.version === "lcm" ? fewStepsOf(["AnimateLCM"], "motion") : null);
  const config: MotionConfig = fewSteps?.family === "AnimateLCM" ? { ...found, version: "lcm" } : found;
  if (config.upLayers.length === 0) {
    throw new ZoetropeError("motion/not-a-motion-module", {
      message: `${fileName} has temporal layers only on its way down: it is a SparseCtrl or a part of a motion module.`,
      hint: "Choose an AnimateDiff motion module for SD 1.5, for example mm_sd_v15_v2 or v3_sd15_mm.",
    });
  }
  const name = names[0]!;
  return {
    name,
    title: titleOf(table, config, fewSteps),
    config,
    defaults: { ...TRAINED, ...(fewSteps?.sampling ?? { sampler: "ddim", steps: 25, cfgScale: 7.5 }) },
    fewSteps,
    notices: unusedParts(table, name),
    weights: fileWeights(taken, fileName),
  };
}

function titleOf(table: TensorTable, { version }: MotionConfig, fewSteps: FewSteps | null): string {
  const relative = relativeOf(table);
  if (relative !== null) return relative.name;
  if (fewSteps?.family === "AnimateDiff-Lightning" && !fewSteps.guessed) {
    const { steps } = fewSteps.sampling;
    return `AnimateDiff-Lightning ${steps}-step`;
  }
  return fewSteps?.family ?? `AnimateDiff ${version}`;
}

/** Tensors outside the temporal layers, which nothing here runs. */
function unusedParts(table: TensorTable, name: string): string[] {
  const outside = [...table.keys()].filter((key) => !key.includes("motion_modules."));
  if (outside.length === 0) return [];
  const relative = relativeOf(table);
  if (relative !== null) return [`${name}: this is ${relative.name}; ${relative.unused}, so it acts as a plain motion module.`];
  const tensors = outside.length === 1 ? "1 tensor belongs" : `${outside.length} tensors belong`;
  return [
    `${name}: ${tensors} to no temporal layer and ${outside.length === 1 ? "was" : "were"} not used (the first is "${outside[0]}").`,
  ];
}

/** Configuration and checked tensors of the motion layers in `table` (which may hold other parts, too). */
export function readMotion(
  table: TensorTable,
  json: ConfigJson | null,
  fileName: string,
): { config: MotionConfig; taken: NamedTensors } {
  refuseCameraControl(table, fileName);
  const part = findMotion(table);
  if (part === null) {
    throw new ZoetropeError("motion/not-a-motion-module", {
      message: `${fileName} is not a motion module: it has no temporal layers.`,
      hint: "Choose an AnimateDiff motion module for SD 1.5, for example mm_sd_v15_v2 or v3_sd15_mm.",
    });
  }
  const own = new Map([...below(table, part.prefix)].filter(([key]) => key.includes("motion_modules.")));
  const { tensors, positions } = canonicalMotion(own);
  const found = motionFromShapes(tensors, positions);
  const config = json === null ? found : motionFromJson(json, found);
  refuseSdxl(config, fileName);
  checkDivision(config.blockOutChannels, config.heads, "attention heads", fileName);
  checkDivision(config.blockOutChannels, config.normGroups, "norm groups", fileName);
  const taken = takePlaces(tensors, motionPlaces(config), fileName);
  const stranger = firstStranger(tensors, taken, /motion_modules\./);
  if (stranger !== null) {
    throw new ZoetropeError("motion/unknown-layer", {
      message: `${fileName} has a temporal layer that AnimateDiff does not: "${stranger.info.name}".`,
      hint: "Choose an AnimateDiff motion module for SD 1.5 (v1, v2, v3 or AnimateLCM).",
    });
  }
  return { config, taken };
}

function motionFromShapes(tensors: TensorTable, positions: number | null): MotionConfig {
  const blockOutChannels: number[] = [];
  const downLayers: number[] = [];
  const upLayers: number[] = [];
  for (let i = 0; ; i++) {
    const layers = (side: string) => {
      let j = 0;
      while (tensors.has(`${side}.${i}.motion_modules.${j}.norm.weight`)) j++;
      return j;
    };
    const width = shapeOf(tensors, `down_blocks.${i}.motion_modules.0.norm.weight`)?.[0];
    if (layers("up_blocks") > 0) upLayers.push(layers("up_blocks"));
    if (width === undefined) break;
    blockOutChannels.push(width);
    downLayers.push(layers("down_blocks"));
  }
  const midBlock = tensors.has("mid_block.motion_modules.0.norm.weight");
  const maxFrames = positions ?? LCM_FRAMES;
  return {
    version: versionOf(positions, midBlock),
    maxFrames,
    heads: SD_MOTION_HEADS,
    normGroups: SD_GROUPS,
    blockOutChannels,
    downLayers,
    upLayers,
    midBlock,
    attentions: tensors.has("down_blocks.0.motion_modules.0.transformer_blocks.0.attn2.to_q.weight") ? 2 : 1,
  };
}

/** v1: 24 positions; v2: 32 and a middle module; v3: 32 without; more where it was trained on longer clips. AnimateLCM stores no table. */
function versionOf(positions: number | null, midBlock: boolean): MotionVersion {
  if (positions === null) return "lcm";
  if (midBlock) return "v2";
  return positions <= 24 ? "v1" : "v3";
}

function motionFromJson(json: ConfigJson, found: MotionConfig): MotionConfig {
  json.mustBe("_class_name", "MotionAdapter", "SparseControlNetModel");
  json.mustBe("motion_transformer_layers_per_block", 1);
  json.mustBe("motion_transformer_layers_per_mid_block", 1);
  json.mustBe("motion_mid_block_layers_per_block", 1);
  json.mustBe("conv_in_channels");
  const stated = json.numbers("block_out_channels", found.blockOutChannels.length, 0);
  if (stated.some((width, i) => width !== found.blockOutChannels[i])) json.refuse("block_out_channels");
  const maxFrames = found.version === "lcm" ? found.maxFrames : json.number("motion_max_seq_length", found.maxFrames);
  return {
    ...found,
    maxFrames,
    heads: json.number("motion_num_attention_heads", SD_MOTION_HEADS),
    normGroups: json.number("motion_norm_num_groups", SD_GROUPS),
  };
}

function refuseSdxl({ blockOutChannels }: MotionConfig, fileName: string): void {
  if (blockOutChannels.length !== 3 || blockOutChannels[0] !== 320) return;
  throw new ZoetropeError("motion/other-family", {
    message: `${fileName} is a motion module for SDXL; Zoetrope animates Stable Diffusion 1.x models.`,
    hint: "Choose a motion module for SD 1.5, for example mm_sd_v15_v2 or v3_sd15_mm.",
  });
}

/** @throws `motion/wrong-width` or `motion/wrong-layers` naming what each has, if the module was made for another UNet */
export function checkMotionFits(unet: UnetConfig, motion: MotionConfig): void {
  const refuse = (code: string, what: string, has: readonly number[], needs: readonly number[]): void => {
    if (has.length === needs.length && has.every((value, i) => value === needs[i])) return;
    throw new ZoetropeError(code, {
      message: `The motion module does not fit this checkpoint: it was made for ${what} ${has.join(", ")}; the checkpoint has ${needs.join(", ")}.`,
      hint: "Choose a motion module made for the checkpoint's family.",
    });
  };
  refuse("motion/wrong-width", "levels of widths", motion.blockOutChannels, unet.blockOutChannels);
  refuse("motion/wrong-layers", "levels of depths", motion.downLayers, unet.downLayers);
  refuse("motion/wrong-layers", "upward levels of depths", motion.upLayers, unet.upLayers);
  if (motion.midBlock && unet.midBlock === "none") {
    throw new ZoetropeError("motion/wrong-layers", {
      message: "The motion module does not fit this checkpoint: it has a middle block, the checkpoint has none.",
      hint: "Choose a motion module without one, for example AnimateDiff v3.",
    });
  }
}
