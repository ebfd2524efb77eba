/** IP-Adapter: the image encoder, and the adapter's tokens as keys and values. Both run once per clip. */

import { buildImageEncoder, type ImageFeatures } from "../../../graph/image-encoder.ts";
import { buildPictureKv } from "../../../graph/picture-kv.ts";
import type { GraphStyle } from "../../../graph/style.ts";
import type { ImageEncoderConfig } from "../../../models/ip-adapter/image-encoder.ts";
import type { IpAdapterConfig } from "../../../models/ip-adapter/load.ts";
import type { UnetConfig } from "../../../models/types.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import type { Part } from "../part.ts";
import type { Plan } from "./plan.ts";

export function imageEncoderPlan(encoder: Part<ImageEncoderConfig>, features: ImageFeatures, style: GraphStyle): Plan {
  return {
    key: `${encoder.key}/${features}/${style.precision}`,
    parts: () => imageEncoderParts(encoder, style),
    build: () => buildImageEncoder(encoder, features, style),
  };
}

/** The embedding needs every layer, so its graph lists the weights for both kinds of features. */
export function imageEncoderParts(encoder: Part<ImageEncoderConfig>, style: GraphStyle): PackedPart[] {
  return [packedPart(encoder, style.precision, buildImageEncoder(encoder, "embedding", style).weights)];
}

export interface PictureKvShape {
  readonly pictures: number;
  /** Tokens of the encoder's hidden state. */
  readonly places: number;
}

export function pictureKvPlan(
  adapter: Part<IpAdapterConfig>,
  unet: Part<UnetConfig>,
  shape: PictureKvShape,
  style: GraphStyle,
): Plan {
  return {
    key: [adapter.key, unet.key, style.precision, shape.pictures, shape.places].join("/"),
    brief: true,
    parts: () => adapterParts(adapter, unet, style),
    build: () => buildPictureKv(adapter, unet.weights, shape, style),
  };
}

export function adapterParts(adapter: Part<IpAdapterConfig>, unet: Part<UnetConfig>, style: GraphStyle): PackedPart[] {
  const { weights } = buildPictureKv(adapter, unet.weights, { pictures: 1, places: 1 }, style);
  return [packedPart(adapter, style.precision, weights)];
}
