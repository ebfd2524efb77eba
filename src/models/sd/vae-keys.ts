/**
 * Names and places of the VAE: LDM's single files (`decoder.up.3.block.0`) against the canonical ones of diffusers
 * (`decoder.up_blocks.0.resnets.0`). LDM numbers the decoder's levels from the picture's side, diffusers from the latents'.
 * Source: CompVis latent-diffusion `model.py`, diffusers `AutoencoderKL`.
 */

import type { TensorRef } from "../tensors.ts";
import type { KlVaeConfig } from "../types.ts";
import type { Place } from "../weights.ts";
import { convPlaces, linearPlaces, normPlaces } from "./unet-layout.ts";

const ATTENTION_NAMES: Readonly<Record<string, string>> = {
  // LDM
  norm: "group_norm",
  q: "to_q",
  k: "to_k",
  v: "to_v",
  proj_out: "to_out.0",
  // diffusers before 0.18
  query: "to_q",
  key: "to_k",
  value: "to_v",
  proj_attn: "to_out.0",
};

/** Canonical names for a VAE's tensors in any of the three namings, prefix already removed. Unknown names stay. */
export function canonicalVae(tensors: ReadonlyMap<string, TensorRef>): Map<string, TensorRef> {
  const levels = 1 + Math.max(-1, ...[...tensors.keys()].map((key) => Number(/^decoder\.up\.(\d+)\./.exec(key)?.[1] ?? -1)));
  const renamed = new Map<string, TensorRef>();
  for (const [key, ref] of tensors) renamed.set(canonicalVaeName(key, levels), ref);
  return renamed;
}

function canonicalVaeName(key: string, levels: number): string {
  return key
    .replace(/^(encoder|decoder)\.norm_out\./, "$1.conv_norm_out.")
    .replace(/^(encoder|decoder)\.mid\.block_(\d)\./, (_, side, n) => `${side}.mid_block.resnets.${Number(n) - 1}.`)
    .replace(/^(encoder|decoder)\.mid\.attn_1\./, "$1.mid_block.attentions.0.")
    .replace(/^encoder\.down\.(\d+)\.block\./, "encoder.down_blocks.$1.resnets.")
    .replace(/^encoder\.down\.(\d+)\.downsample\./, "encoder.down_blocks.$1.downsamplers.0.")
    .replace(/^decoder\.up\.(\d+)\.block\./, (_, level) => `decoder.up_blocks.${levels - 1 - Number(level)}.resnets.`)
    .replace(/^decoder\.up\.(\d+)\.upsample\./, (_, level) => `decoder.up_blocks.${levels - 1 - Number(level)}.upsamplers.0.`)
    .replace(/\.nin_shortcut\./, ".conv_shortcut.")
    .replace(/(mid_block\.attentions\.0\.)(\w+)(\.\w+)$/, (whole, path, name, rest) => {
      const canonical = ATTENTION_NAMES[name as string];
      return canonical === undefined ? whole : path + canonical + rest;
    });
}

/** Every tensor of a VAE with its shape: 248 in Stable Diffusion 1.x. Mid attention is [C, C], whatever the file stores. */
export function* vaePlaces(config: KlVaeConfig): Iterable<Place> {
  const { blockOutChannels: widths, latentChannels: z, layersPerBlock: layers } = config;
  const inner = widths.at(-1)!;
  let channels = widths[0]!;
  yield* convPlaces("encoder.conv_in", channels, 3, 3);
  for (const [i, width] of widths.entries()) {
    for (let j = 0; j < layers; j++) {
      yield* resnetPlaces(`encoder.down_blocks.${i}.resnets.${j}`, channels, width);
      channels = width;
    }
    if (i < widths.length - 1) yield* convPlaces(`encoder.down_blocks.${i}.downsamplers.0.conv`, width, width, 3);
  }
  yield* midPlaces("encoder.mid_block", inner, config.midAttention);
  yield* normPlaces("encoder.conv_norm_out", inner);
  yield* convPlaces("encoder.conv_out", 2 * z, inner, 3);
  yield* convPlaces("decoder.conv_in", inner, z, 3);
  yield* midPlaces("decoder.mid_block", inner, config.midAttention);
  channels = inner;
  for (let i = 0; i < widths.length; i++) {
    const width = widths.at(-1 - i)!;
    for (let j = 0; j <= layers; j++) {
      yield* resnetPlaces(`decoder.up_blocks.${i}.resnets.${j}`, channels, width);
      channels = width;
    }
    if (i < widths.length - 1) yield* convPlaces(`decoder.up_blocks.${i}.upsamplers.0.conv`, width, width, 3);
  }
  yield* normPlaces("decoder.conv_norm_out", channels);
  yield* convPlaces("decoder.conv_out", 3, channels, 3);
  if (config.quantConv) yield* convPlaces("quant_conv", 2 * z, 2 * z, 1);
  if (config.postQuantConv) yield* convPlaces("post_quant_conv", z, z, 1);
}

function* midPlaces(path: string, width: number, attention: boolean): Iterable<Place> {
  yield* resnetPlaces(`${path}.resnets.0`, width, width);
  if (attention) {
    yield* normPlaces(`${path}.attentions.0.group_norm`, width);
    for (const name of ["to_q", "to_k", "to_v", "to_out.0"]) yield* linearPlaces(`${path}.attentions.0.${name}`, width, width);
  }
  yield* resnetPlaces(`${path}.resnets.1`, width, width);
}

function* resnetPlaces(path: string, input: number, width: number): Iterable<Place> {
  yield* normPlaces(`${path}.norm1`, input);
  yield* convPlaces(`${path}.conv1`, width, input, 3);
  yield* normPlaces(`${path}.norm2`, width);
  yield* convPlaces(`${path}.conv2`, width, width, 3);
  if (input !== width) yield* convPlaces(`${path}.conv_shortcut`, width, input, 1);
}
