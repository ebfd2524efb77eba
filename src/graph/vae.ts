/** The autoencoder, one picture at a time. Follows diffusers' autoencoder_kl.py and vae.py; all norms 1e-6, no time embedding. */

import type { Component, KlVaeConfig } from "../models/types.ts";
import { attention } from "./attention.ts";
import { downsampleAsymmetric, resnet, upsample } from "./blocks.ts";
import { Graph, type Value } from "./graph.ts";
import { add, reshape, silu, slice, transpose } from "./ops.ts";
import { Scope } from "./scope.ts";
import { finer, type GraphStyle } from "./style.ts";

const EPS = 1e-6;

/**
 * Input: `latents` [1, 4, h, w], already divided by the scaling factor. Output: `pixels` [1, 3, f·h, f·w] with the VAE's factor f
 * (8 in SD 1.x), not clamped.
 */
export function buildVaeDecoder(
  { config, weights }: Component<KlVaeConfig>,
  height: number,
  width: number,
  style: GraphStyle,
): Graph {
  const graph = new Graph("vae-decoder", finer(style));
  const latents = graph.input("latents", "float32", [1, config.latentChannels, height, width]);
  const root = new Scope(graph, weights);
  const g = root.at("decoder");
  let x = g.conv("conv_in", config.postQuantConv ? root.conv("post_quant_conv", latents) : latents);
  x = middle(g.at("mid_block"), x, config);
  for (const level of config.blockOutChannels.keys()) {
    const block = g.at(`up_blocks.${level}`);
    x = resnets(block, x, config.layersPerBlock + 1, config);
    if (block.has("upsamplers.0.conv")) x = upsample(block.at("upsamplers.0"), x, 2 * x.dim(2), 2 * x.dim(3));
  }
  graph.output("pixels", g.conv("conv_out", silu(g.groupNorm("conv_norm_out", x, config.normGroups, EPS))));
  return graph;
}

/** Input: `pixels` [1, 3, H, W] in [-1, 1]. Outputs: `mean` and `logvar` [1, 4, H/f, W/f] with the VAE's factor f, not scaled. */
export function buildVaeEncoder(
  { config, weights }: Component<KlVaeConfig>,
  height: number,
  width: number,
  style: GraphStyle,
): Graph {
  const graph = new Graph("vae-encoder", finer(style));
  const pixels = graph.input("pixels", "float32", [1, 3, height, width]);
  const root = new Scope(graph, weights);
  const g = root.at("encoder");
  let x = g.conv("conv_in", pixels);
  for (const level of config.blockOutChannels.keys()) {
    const block = g.at(`down_blocks.${level}`);
    x = resnets(block, x, config.layersPerBlock, config);
    if (block.has("downsamplers.0.conv")) x = downsampleAsymmetric(block.at("downsamplers.0"), x);
  }
  x = middle(g.at("mid_block"), x, config);
  x = g.conv("conv_out", silu(g.groupNorm("conv_norm_out", x, config.normGroups, EPS)));
  if (config.quantConv) x = root.conv("quant_conv", x);
  graph.output("mean", slice(x, 1, 0, config.latentChannels));
  graph.output("logvar", slice(x, 1, config.latentChannels, 2 * config.latentChannels));
  return graph;
}

function resnets(g: Scope, x: Value, count: number, config: KlVaeConfig): Value {
  for (let n = 0; n < count; n++) x = vaeResnet(g.at(`resnets.${n}`), x, config);
  return x;
}

function middle(g: Scope, x: Value, config: KlVaeConfig): Value {
  x = vaeResnet(g.at("resnets.0"), x, config);
  if (config.midAttention) x = pixelAttention(g.at("attentions.0"), x, config.normGroups);
  return vaeResnet(g.at("resnets.1"), x, config);
}

function vaeResnet(g: Scope, x: Value, config: KlVaeConfig): Value {
  return resnet(g, x, null, { groups: config.normGroups, eps: EPS, over: "frame" });
}

/** One head over all pixels. x [1, C, H, W] */
function pixelAttention(g: Scope, x: Value, groups: number): Value {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const tokens = transpose(reshape(g.groupNorm("group_norm", x, groups, EPS), [n, c, h * w]), [0, 2, 1]);
  const mixed = attention(g.linear("to_q", tokens), g.linear("to_k", tokens), g.linear("to_v", tokens), 1);
  return add(reshape(transpose(g.linear("to_out.0", mixed), [0, 2, 1]), x.shape), x);
}
