/** CLIP's text transformer. Follows transformers' modeling_clip.py: the mask is causal only, so padding tokens are attended to. */

import type { Component, TextConfig } from "../models/types.ts";
import { attention } from "./attention.ts";
import { Graph, type Value } from "./graph.ts";
import { add, cast, gather, gelu, mul, quickGelu, reshape } from "./ops.ts";
import { Scope } from "./scope.ts";
import { finer, type GraphStyle } from "./style.ts";

/** "ids": every token by its id. "vectors": some by a vector of their own (textual inversion). */
export type TokenInputs = "ids" | "vectors";

/**
 * Inputs: `ids` int32 [1, 77]; for "vectors" also `keep` [1, 77, 1], 1 where the id counts and else 0, and `vectors` [1, 77, C],
 * 0 where it does. Output: `hidden` [1, 77, C], the final LayerNorm of the state `clipSkip - 1` layers before the last.
 * @param clipSkip A1111 counting: 1 is the last layer
 */
export function buildTextEncoder(
  { config, weights }: Component<TextConfig>,
  clipSkip: number,
  style: GraphStyle,
  inputs: TokenInputs = "ids",
): Graph {
  const graph = new Graph("text-encoder", finer(style));
  const tokens = config.maxPositions;
  const g = new Scope(graph, weights, "text_model");
  let embedded = tokenEmbeddings(g, graph.input("ids", "int32", [1, tokens]));
  if (inputs === "vectors") {
    const keep = graph.input("keep", "float32", [1, tokens, 1]);
    embedded = add(mul(embedded, keep), graph.input("vectors", "float32", [1, tokens, config.hiddenSize]));
  }
  graph.output("hidden", hiddenStates(g, config, embedded, clipSkip));
  return graph;
}

/** The states of whole texts. ids int32 [B, tokens] -> [B, tokens, C] */
export function textStates({ config, weights }: Component<TextConfig>, ids: Value): Value {
  const g = new Scope(ids.graph, weights, "text_model");
  return hiddenStates(g, config, tokenEmbeddings(g, ids), 1);
}

function tokenEmbeddings(g: Scope, ids: Value): Value {
  // Cast first, which happens once while the session is made: a graphics card without fp16 can't gather from a half-precision table.
  return gather(cast(g.table("embeddings.token_embedding.weight"), "float32"), ids);
}

/** embedded [B, tokens, C] */
function hiddenStates(g: Scope, config: TextConfig, embedded: Value, clipSkip: number): Value {
  const tokens = config.maxPositions;
  const positions = g.vector("embeddings.position_embedding.weight");
  let x = add(embedded, reshape(positions, [1, tokens, config.hiddenSize]));
  const mask = g.graph.floats("causal", [1, 1, tokens, tokens], () => causalMask(tokens));
  for (let n = 0; n < config.layers - (clipSkip - 1); n++) {
    const layer = g.at(`encoder.layers.${n}`);
    x = add(x, causalAttention(layer.at("self_attn"), layer.layerNorm("layer_norm1", x, config.normEps), config.heads, mask));
    x = add(x, mlp(layer.at("mlp"), layer.layerNorm("layer_norm2", x, config.normEps), config.activation));
  }
  return g.layerNorm("final_layer_norm", x, config.normEps);
}

function causalAttention(g: Scope, x: Value, heads: number, mask: Value): Value {
  return g.linear("out_proj", attention(g.linear("q_proj", x), g.linear("k_proj", x), g.linear("v_proj", x), heads, mask));
}

function mlp(g: Scope, x: Value, activation: TextConfig["activation"]): Value {
  const h = g.linear("fc1", x);
  return g.linear("fc2", activation === "gelu" ? gelu(h) : quickGelu(h, 1.702));
}

/** 0 on and below the diagonal, far below any score above it. */
function causalMask(tokens: number): Float32Array {
  return Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e9 : 0));
}
