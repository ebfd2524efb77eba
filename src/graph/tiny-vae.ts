/**
 * TAESD, the tiny autoencoder: a few narrow convolutions that take the UNet's latents as they are, and give them. Follows
 * madebyollin's taesd.py (and diffusers' AutoencoderTiny, whose layer numbers the scopes have).
 */

import { type TinyLayer, tinyLayers } from "../models/sd/tiny-vae.ts";
import type { Component, TinyVaeConfig } from "../models/types.ts";
import { Graph, type Value } from "./graph.ts";
import { add, mul, relu, resizeNearest, scalar, sub, tanh } from "./ops.ts";
import { Scope } from "./scope.ts";
import { finer, type GraphStyle } from "./style.ts";

/** Input: `latents` [1, 4, h, w] at the UNet's scale. Output: `pixels` [1, 3, 8h, 8w], about -1 to 1, not clamped. */
export function buildTinyVaeDecoder(
  { config, weights }: Component<TinyVaeConfig>,
  height: number,
  width: number,
  style: GraphStyle,
): Graph {
  const graph = new Graph("tiny-vae-decoder", finer(style));
  const latents = graph.input("latents", "float32", [1, config.latentChannels, height, width]);
  // Outliers are bent to ±3 before the first layer, as in training.
  const bent = mul(tanh(mul(latents, scalar(latents, 1 / 3))), scalar(latents, 3));
  const picture = layers(new Scope(graph, weights, "decoder.layers"), bent, tinyLayers("decoder"));
  graph.output("pixels", sub(mul(picture, scalar(picture, 2)), scalar(picture, 1)));
  return graph;
}

/** Input: `pixels` [1, 3, H, W] in [-1, 1]. Output: `mean` [1, 4, H/8, W/8], at the UNet's scale. */
export function buildTinyVaeEncoder(
  { weights }: Component<TinyVaeConfig>,
  height: number,
  width: number,
  style: GraphStyle,
): Graph {
  const graph = new Graph("tiny-vae-encoder", finer(style));
  const pixels = graph.input("pixels", "float32", [1, 3, height, width]);
  const picture = mul(add(pixels, scalar(pixels, 1)), scalar(pixels, 0.5));
  graph.output("mean", layers(new Scope(graph, weights, "encoder.layers"), picture, tinyLayers("encoder")));
  return graph;
}

function layers(g: Scope, x: Value, kinds: readonly TinyLayer[]): Value {
  return kinds.reduce((value, kind, n) => layer(g, String(n), value, kind), x);
}

function layer(g: Scope, name: string, x: Value, kind: TinyLayer): Value {
  switch (kind) {
    case "relu":
      return relu(x);
    case "block":
      return block(g.at(name), x);
    case "upsample":
      return resizeNearest(x, 2 * x.dim(2), 2 * x.dim(3));
    case "downsample":
      return g.conv(name, x, { stride: 2 });
    default:
      return g.conv(name, x);
  }
}

/** Three convolutions and a way round them. */
function block(g: Scope, x: Value): Value {
  const inner = g.conv("conv.4", relu(g.conv("conv.2", relu(g.conv("conv.0", x)))));
  return relu(add(inner, x));
}
