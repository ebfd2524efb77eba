/** Everything that the models of an animation pack, whatever its size and length. */

import type { GraphStyle } from "../../../graph/style.ts";
import type { ImageEncoderConfig } from "../../../models/ip-adapter/image-encoder.ts";
import type { IpAdapterConfig } from "../../../models/ip-adapter/load.ts";
import type { MotionConfig, TextConfig, UnetConfig, VaeConfig } from "../../../models/types.ts";
import type { PackedPart } from "../packed-part.ts";
import type { AnyControl, Part } from "../part.ts";
import { controlParts } from "./control.ts";
import { adapterParts, imageEncoderParts } from "./likeness.ts";
import { t2iParts } from "./t2i-adapter.ts";
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
  readonly controls?: readonly AnyControl[];
  /** An IP-Adapter, which needs the UNet beside it. */
  readonly adapter?: Part<IpAdapterConfig>;
  readonly imageEncoder?: Part<ImageEncoderConfig>;
}

export function packedParts(parts: ModelParts, style: GraphStyle): PackedPart[] {
  const { text, unet, vae, motion, controls = [], encoder, adapter, imageEncoder } = parts;
  return [
    ...(text ? textParts(text, style) : []),
    ...(unet ? [...unetParts(unet, style), ...textKvParts(unet, style)] : []),
    ...(motion ? motionParts(motion, style) : []),
    ...(vae ? decoderParts(vae, style) : []),
    ...(encoder ? encoderParts(encoder, style) : []),
    ...controls.flatMap((control) =>
      control.condition === "features" ? t2iParts(control, style) : controlParts(control, style),
    ),
    ...(imageEncoder ? imageEncoderParts(imageEncoder, style) : []),
    ...(adapter && unet ? adapterParts(adapter, unet, style) : []),
  ];
}

/** Keys of the parts, each once. */
export function partKeys({ controls = [], ...parts }: ModelParts): ReadonlySet<string> {
  return new Set([...Object.values(parts), ...controls].flatMap((part) => part?.key ?? []));
}
