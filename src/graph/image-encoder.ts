/** CLIP's image encoder. Follows transformers' modeling_clip.py: CLIPVisionTransformer and its projection. */

import type { ImageEncoderConfig } from "../models/ip-adapter/image-encoder.ts";
import { TRANSPOSED } from "../models/ip-adapter/image-encoder.ts";
import type { Component } from "../models/types.ts";
import { attention } from "./attention.ts";
import { Graph, type Value } from "./graph.ts";
import { add, concat, gelu, matmul, quickGelu, reshape, slice, transpose } from "./ops.ts";
import { Scope } from "./scope.ts";
import type { GraphStyle } from "./style.ts";

/** "embedding": the picture's one projected vector; "hidden": the state of every patch before the last layer. */
export type ImageFeatures = "embedding" | "hidden";

/**
 * Input: `pixels` [1, 3, n, n], normalised (see media/clip-pixels.ts). Output: `features`, [1, projection] for "embedding" or
 * [1, 1 + patches, hidden] for "hidden".
 */
export function buildImageEncoder(
  { config, weights }: Component<ImageEncoderConfig>,
  features: ImageFeatures,
  style: GraphStyle,
): Graph {
  const graph = new Graph("image-encoder", style);
  const { imageSize, hiddenSize, normEps, layers } = config;
  const root = new Scope(graph, weights);
  const g = root.at("vision_model");
  let x = embedded(g.at("embeddings"), graph.input("pixels", "float32", [1, 3, imageSize, imageSize]), config);
  // The files spell it so.
  x = g.layerNorm("pre_layrnorm", x, normEps);
  for (let n = 0; n < (features === "hidden" ? layers - 1 : layers); n++) x = layer(g.at(`encoder.layers.${n}`), x, config);
  if (features === "hidden") graph.output("features", x);
  else {
    const pooled = g.layerNorm("post_layernorm", reshape(slice(x, 1, 0, 1), [1, hiddenSize]), normEps);
    const transposed = weights.has(TRANSPOSED);
    graph.output("features", transposed ? matmul(pooled, root.vector(TRANSPOSED)) : root.linear("visual_projection", pooled));
  }
  return graph;
}

/** Patches in reading order behind the class token, with their positions. pixels [1, 3, n, n] -> [1, 1 + patches, hidden] */
function embedded(g: Scope, pixels: Value, { imageSize, patchSize, hiddenSize }: ImageEncoderConfig): Value {
  const side = imageSize / patchSize;
  const cut = reshape(pixels, [3, side, patchSize, side, patchSize]);
  // [3, rows, p, columns, p] -> [rows, columns, 3, p, p]
  const patches = reshape(transpose(cut, [1, 3, 0, 2, 4]), [1, side * side, 3 * patchSize * patchSize]);
  const words = g.linear("patch_embedding", patches);
  const all = concat([reshape(g.vector("class_embedding"), [1, 1, hiddenSize]), words], 1);
  return add(all, reshape(g.vector("position_embedding.weight"), all.shape));
}

function layer(g: Scope, x: Value, { heads, activation, normEps }: ImageEncoderConfig): Value {
  const attn = g.at("self_attn");
  const normal = g.layerNorm("layer_norm1", x, normEps);
  const mixed = attention(attn.linear("q_proj", normal), attn.linear("k_proj", normal), attn.linear("v_proj", normal), heads);
  const y = add(x, attn.linear("out_proj", mixed));
  const h = g.at("mlp").linear("fc1", g.layerNorm("layer_norm2", y, normEps));
  return add(y, g.at("mlp").linear("fc2", activation === "gelu" ? gelu(h) : quickGelu(h, 1.702)));
}
