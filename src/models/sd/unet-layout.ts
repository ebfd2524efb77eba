/**
 * Every tensor a UNet of a given configuration has, with its shape: 686 places in Stable Diffusion 1.5.
 * The architecture as data, for checking files against. Source: diffusers `UNet2DConditionModel`.
 */

import type { UnetConfig } from "../types.ts";
import type { Place } from "../weights.ts";

/** The whole UNet. */
export function* unetPlaces(config: UnetConfig): Iterable<Place> {
  const { blockOutChannels: widths } = config;
  const base = widths[0]!;
  const time = 4 * base;
  const skips: number[] = [];
  yield* unetDownPlaces(config, skips);
  let channels = widths.at(-1)!;
  for (let i = 0; i < widths.length; i++) {
    const block = `up_blocks.${i}`;
    const width = widths.at(-1 - i)!;
    for (let j = 0; j < config.upLayers[i]!; j++) {
      yield* resnetPlaces(`${block}.resnets.${j}`, channels + skips.pop()!, width, time);
      if (config.upAttention[i]) yield* transformerPlaces(`${block}.attentions.${j}`, width, config);
      channels = width;
    }
    if (i < widths.length - 1) yield* convPlaces(`${block}.upsamplers.0.conv`, width, width, 3);
  }
  yield* normPlaces("conv_norm_out", base);
  yield* convPlaces("conv_out", config.outChannels, base, 3);
}

/** Time embedding, down path and middle: the half a ControlNet copies. Pushes the width of every skip on `skips`. */
export function* unetDownPlaces(config: UnetConfig, skips: number[] = []): Iterable<Place> {
  const { blockOutChannels: widths } = config;
  const base = widths[0]!;
  const time = 4 * base;
  yield* linearPlaces("time_embedding.linear_1", time, base);
  yield* linearPlaces("time_embedding.linear_2", time, time);
  yield* convPlaces("conv_in", base, config.inChannels, 3);
  skips.push(base);
  let channels = base;
  for (const [i, width] of widths.entries()) {
    const block = `down_blocks.${i}`;
    for (let j = 0; j < config.downLayers[i]!; j++) {
      yield* resnetPlaces(`${block}.resnets.${j}`, channels, width, time);
      if (config.downAttention[i]) yield* transformerPlaces(`${block}.attentions.${j}`, width, config);
      channels = width;
      skips.push(width);
    }
    if (i < widths.length - 1) {
      yield* convPlaces(`${block}.downsamplers.0.conv`, width, width, 3);
      skips.push(width);
    }
  }
  if (config.midBlock === "attention") {
    yield* resnetPlaces("mid_block.resnets.0", channels, channels, time);
    yield* transformerPlaces("mid_block.attentions.0", channels, config);
    yield* resnetPlaces("mid_block.resnets.1", channels, channels, time);
  }
}

function* resnetPlaces(path: string, input: number, width: number, time: number): Iterable<Place> {
  yield* normPlaces(`${path}.norm1`, input);
  yield* convPlaces(`${path}.conv1`, width, input, 3);
  yield* linearPlaces(`${path}.time_emb_proj`, width, time);
  yield* normPlaces(`${path}.norm2`, width);
  yield* convPlaces(`${path}.conv2`, width, width, 3);
  if (input !== width) yield* convPlaces(`${path}.conv_shortcut`, width, input, 1);
}

function* transformerPlaces(path: string, width: number, config: UnetConfig): Iterable<Place> {
  const block = `${path}.transformer_blocks.0`;
  const projection = config.linearProjection ? [width, width] : [width, width, 1, 1];
  yield* normPlaces(`${path}.norm`, width);
  yield* affinePlaces(`${path}.proj_in`, projection);
  yield* attentionPlaces(`${block}.attn1`, width, width);
  yield* attentionPlaces(`${block}.attn2`, width, config.crossAttentionDim);
  yield* linearPlaces(`${block}.ff.net.0.proj`, 8 * width, width);
  yield* linearPlaces(`${block}.ff.net.2`, width, 4 * width);
  for (const norm of ["norm1", "norm2", "norm3"]) yield* normPlaces(`${block}.${norm}`, width);
  yield* affinePlaces(`${path}.proj_out`, projection);
}

function* attentionPlaces(path: string, width: number, context: number): Iterable<Place> {
  yield [`${path}.to_q.weight`, [width, width]];
  yield [`${path}.to_k.weight`, [width, context]];
  yield [`${path}.to_v.weight`, [width, context]];
  yield* linearPlaces(`${path}.to_out.0`, width, width);
}

export function* convPlaces(path: string, out: number, input: number, kernel: number): Iterable<Place> {
  yield* affinePlaces(path, [out, input, kernel, kernel]);
}

export function* linearPlaces(path: string, out: number, input: number): Iterable<Place> {
  yield* affinePlaces(path, [out, input]);
}

export function* normPlaces(path: string, width: number): Iterable<Place> {
  yield* affinePlaces(path, [width]);
}

/** A weight of this shape and a bias as long as its first dimension. */
function* affinePlaces(path: string, shape: readonly number[]): Iterable<Place> {
  yield [`${path}.weight`, shape];
  yield [`${path}.bias`, [shape[0]!]];
}
