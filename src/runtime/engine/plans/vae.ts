/** The VAE. Its encoder is packed apart from the decoder, because most clips start from noise and never need it. */

import type { GraphStyle } from "../../../graph/style.ts";
import { buildVaeDecoder, buildVaeEncoder } from "../../../graph/vae.ts";
import type { VaeConfig } from "../../../models/types.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import type { Part } from "../part.ts";
import { NOMINAL_SHAPE, type Plan } from "./plan.ts";

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Pixels of the picture that the encoder's weights are listed from. */
const NOMINAL_PIXELS: Size = { height: 64, width: 64 };

/** @param size in pixels */
export function encoderPlan(vae: Part<VaeConfig>, { height, width }: Size, style: GraphStyle): Plan {
  return {
    key: `${vae.key}/encode/${style.precision}/${height}/${width}`,
    parts: () => encoderParts(vae, style),
    build: () => buildVaeEncoder(vae, height, width, style),
  };
}

/** @param size of the latents */
export function decoderPlan(vae: Part<VaeConfig>, { height, width }: Size, style: GraphStyle): Plan {
  return {
    key: `${vae.key}/decode/${style.precision}/${height}/${width}`,
    parts: () => decoderParts(vae, style),
    build: () => buildVaeDecoder(vae, height, width, style),
  };
}

export function encoderParts(vae: Part<VaeConfig>, style: GraphStyle): PackedPart[] {
  const { weights } = buildVaeEncoder(vae, NOMINAL_PIXELS.height, NOMINAL_PIXELS.width, style);
  return [packedPart(vae, style.precision, weights, "encoder")];
}

export function decoderParts(vae: Part<VaeConfig>, style: GraphStyle): PackedPart[] {
  return [packedPart(vae, style.precision, buildVaeDecoder(vae, NOMINAL_SHAPE.height, NOMINAL_SHAPE.width, style).weights)];
}
