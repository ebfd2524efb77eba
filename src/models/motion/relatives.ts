/**
 * Modules that extend AnimateDiff's, told by what they hold besides its temporal layers. Most act as plain motion modules without their
 * extension. Source: open-mmlab/PIA, G-U-N/AnimateLCM, hehao13/CameraCtrl, TencentARC/MotionCtrl, 360CVGroup/FancyVideo,
 * Kosinkadink/ComfyUI-AnimateDiff-Evolved.
 */

import { ZoetropeError } from "../../core/errors.ts";
import { shapeOf, type TensorTable } from "../tensors.ts";

interface Relative {
  readonly name: string;
  /** Completes "NAME: this is PIA; … was not used, so it acts as a plain motion module." */
  readonly unused: string;
  matches(table: TensorTable): boolean;
}

const holds = (pattern: RegExp) => (table: TensorTable) => [...table.keys()].some((key) => pattern.test(key));

/** The first that matches counts. */
const RELATIVES: readonly Relative[] = [
  {
    name: "FancyVideo",
    unused: "what reads its first picture, frame rate and amount of motion was not used",
    matches: holds(/(^|\.)(fps|motion)_embedding\./),
  },
  {
    name: "PIA",
    unused: "the layer that reads its condition picture was not used",
    // It replaces the UNet's first convolution by one over latents, a mask and the condition picture: 9 channels.
    matches: (table) =>
      [shapeOf(table, "conv_in.weight"), shapeOf(table, "module.conv_in.weight")].some((shape) => shape?.[1] === 9),
  },
  { name: "AnimateLCM-I2V", unused: "its picture encoder was not used", matches: holds(/(^|\.)img_encoder\./) },
];

export function relativeOf(table: TensorTable): Relative | null {
  return RELATIVES.find((relative) => relative.matches(table)) ?? null;
}

/** Controllers of the camera change the temporal attentions themselves, so that nothing plain is left. */
const CAMERAS: readonly (readonly [RegExp, string])[] = [
  [/\.qkv_merge\./, "CameraCtrl"],
  [/\.cc_projections?\./, "MotionCtrl"],
];

/** @throws ZoetropeError `motion/camera-control` */
export function refuseCameraControl(table: TensorTable, fileName: string): void {
  for (const [pattern, name] of CAMERAS) {
    if (!holds(pattern)(table)) continue;
    throw new ZoetropeError("motion/camera-control", {
      message: `${fileName} is a ${name} model, which steers the camera and which Zoetrope does not use.`,
      hint: "Camera moves come from motion LoRAs for AnimateDiff v2, for example v2_lora_ZoomIn.",
    });
  }
}
