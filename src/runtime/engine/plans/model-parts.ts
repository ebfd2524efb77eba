/** Everything that the models of an animation pack, whatever its size and length. */

import type { GraphStyle } from "../../../graph/style.ts";
import type { MotionConfig, TextConfig, UnetConfig, VaeConfig } from "../../../models/types.ts";
import type { PackedPart } from "../packed-part.ts";
import type { ControlPart, Part } from "../part.ts";
import { controlParts } from "./control.ts";
import { textParts } from "./text.ts";
import { textKvParts } from "./text-kv.ts";
import { motionParts, unetParts } from "./unet.ts";
import { decoderParts, encoderParts } from "./vae.ts";

/** The parts that are to be packed; absent ones are left alone. */
export interface ModelParts {
  readonly text?: Part<TextConfig>;
  /** Its text keys and values are packed with it. */
  readonly unet?: Part<UnetConfig>;
  readonly motion?: Part<MotionConfig> | null;
  /** The VAE's decoder. */
  readonly vae?: Part<VaeConfig>;
  /** The VAE's encoder. */
  readonly encoder?: Part<VaeConfig>;
  readonly controls?: readonly ControlPart[];
}

export function packedParts({ text, unet, vae, motion, controls = [], encoder }: ModelParts, style: GraphStyle): PackedPart[] {
  return [
    ...(text ? textParts(text, style) : []),
    ...(unet ? [...unetParts(unet, style), ...textKvParts(unet, style)] : []),
    ...(motion ? motionParts(motion, style) : []),
    ...(vae ? decoderParts(vae, style) : []),
    ...(encoder ? encoderParts(encoder, style) : []),
    ...controls.flatMap((control) => controlParts(control, style)),
  ];
}

/** Keys of the parts, each once. */
export function partKeys({ unet, text, vae, motion, encoder, controls = [] }: ModelParts): ReadonlySet<string> {
  return new Set([unet, text, vae, motion, encoder, ...controls].flatMap((part) => part?.key ?? []));
}
