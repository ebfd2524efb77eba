/** T2I-Adapter: features of a hint for each level of the UNet, once per clip. Follows diffusers' FullAdapter. */

import { type T2iConfig, UNSHUFFLED } from "../models/control/t2i-adapter.ts";
import type { Component } from "../models/types.ts";
import { Graph, type Value } from "./graph.ts";
import { add, averagePool, relu, reshape, transpose } from "./ops.ts";
import { Scope } from "./scope.ts";
import type { GraphStyle } from "./style.ts";

/**
 * Input: `hint` [F, 3 or 1, 8·h, 8·w] in [0, 1]. Outputs: `feature.0` [F, c0, h, w], `feature.1` at half that size, and so on.
 * @param size of the latents
 */
export function buildT2iAdapter(
  { config, weights }: Component<T2iConfig>,
  { frames, height, width }: { readonly frames: number; readonly height: number; readonly width: number },
  style: GraphStyle,
): Graph {
  const graph = new Graph("t2i-adapter", style);
  const g = new Scope(graph, weights);
  const hint = graph.input("hint", "float32", [frames, config.hintChannels, UNSHUFFLED * height, UNSHUFFLED * width]);
  let x = g.conv("conv_in", unshuffled(hint));
  for (const level of config.channels.keys()) {
    const block = g.at(`body.${level}`);
    if (level > 0) x = averagePool(x);
    if (block.has("in_conv")) x = block.conv("in_conv", x);
    for (let n = 0; n < config.blocks; n++) {
      const resnet = block.at(`resnets.${n}`);
      x = add(resnet.conv("block2", relu(resnet.conv("block1", x))), x);
    }
    graph.output(`feature.${level}`, x);
  }
  return graph;
}

/** Pixels of a latent place become channels. [F, C, 8h, 8w] -> [F, C·64, h, w] */
function unshuffled(x: Value): Value {
  const [f, c, height, width] = x.shape as [number, number, number, number];
  const [h, w] = [height / UNSHUFFLED, width / UNSHUFFLED];
  const apart = transpose(reshape(x, [f, c, h, UNSHUFFLED, w, UNSHUFFLED]), [0, 1, 3, 5, 2, 4]);
  return reshape(apart, [f, c * UNSHUFFLED ** 2, h, w]);
}
