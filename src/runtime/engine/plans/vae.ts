/** The VAE. Its encoder is packed separately from the decoder, because most clips start from noise and never need it. */

import { ZoetropeError } from "../../../core/errors.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { GraphStyle } from "../../../graph/style.ts";
import { buildTinyVaeDecoder, buildTinyVaeEncoder } from "../../../graph/tiny-vae.ts";
import { buildVaeDecoder, buildVaeEncoder } from "../../../graph/vae.ts";
import type { KlVaeConfig, TinyVaeConfig, VaeConfig } from "../../../models/types.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import type { Part } from "../part.ts";
import { NOMINAL_SHAPE, type Plan } from "./plan.ts";

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Pixels of the picture that the encoder's weights are listed from. */
const NOMINAL_PIXELS: Size = { height: 64, width: 64 };

/** @param size in pixels @throws ZoetropeError `vae/no-encoder` */
export function encoderPlan(vae: Part<VaeConfig>, { height, width }: Size, style: GraphStyle): Plan {
  return {
    key: `${vae.key}/encode/${style.precision}/${height}/${width}`,
    parts: () => encoderParts(vae, style),
    build: () => buildEncoder(vae, height, width, style),
  };
}

/** @param size of the latents */
export function decoderPlan(vae: Part<VaeConfig>, { height, width }: Size, style: GraphStyle): Plan {
  return {
    key: `${vae.key}/decode/${style.precision}/${height}/${width}`,
    parts: () => decoderParts(vae, style),
    build: () => buildDecoder(vae, height, width, style),
  };
}

export function encoderParts(vae: Part<VaeConfig>, style: GraphStyle): PackedPart[] {
  const { weights } = buildEncoder(vae, NOMINAL_PIXELS.height, NOMINAL_PIXELS.width, style);
  return [packedPart(vae, style.precision, weights, "encoder")];
}

export function decoderParts(vae: Part<VaeConfig>, style: GraphStyle): PackedPart[] {
  return [packedPart(vae, style.precision, buildDecoder(vae, NOMINAL_SHAPE.height, NOMINAL_SHAPE.width, style).weights)];
}

function buildDecoder(vae: Part<VaeConfig>, height: number, width: number, style: GraphStyle): Graph {
  return isTiny(vae)
    ? buildTinyVaeDecoder(vae, height, width, style)
    : buildVaeDecoder(vae as Part<KlVaeConfig>, height, width, style);
}

function buildEncoder(vae: Part<VaeConfig>, height: number, width: number, style: GraphStyle): Graph {
  if (!isTiny(vae)) return buildVaeEncoder(vae as Part<KlVaeConfig>, height, width, style);
  if (vae.config.encodes) return buildTinyVaeEncoder(vae, height, width, style);
  throw new ZoetropeError("vae/no-encoder", {
    message: "The tiny VAE came without its encoder, which turns a picture into latents.",
    hint: "Choose diffusers' file of TAESD, which holds both halves, or the checkpoint's own VAE.",
  });
}

function isTiny(vae: Part<VaeConfig>): vae is Part<TinyVaeConfig> {
  return vae.config.kind === "tiny";
}
