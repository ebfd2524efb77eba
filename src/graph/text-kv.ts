/** Keys and values of every cross-attention from the text embedding: once per prompt, not once per frame and step. */

import type { Component, UnetConfig } from "../models/types.ts";
import { Graph } from "./graph.ts";
import { Scope } from "./scope.ts";
import { frameFactorsInput } from "./side-branch.ts";
import { finer, type GraphStyle } from "./style.ts";
import { crossAttentionPaths } from "./unet.ts";

/** Input: `text` [batch, tokens, D]. Outputs: `PATH.k`, `PATH.v` [batch, tokens, C] for every cross-attention. */
export function buildTextKv(unet: Component<UnetConfig>, batch: number, tokens: number, style: GraphStyle): Graph {
  const graph = new Graph("text-kv", finer(style));
  const text = graph.input("text", "float32", [batch, tokens, unet.config.crossAttentionDim]);
  const g = new Scope(graph, unet.weights, "", frameFactorsInput(graph, unet.weights, batch, "frames-first"));
  for (const path of crossAttentionPaths(unet.weights)) {
    graph.output(`${path}.k`, g.at(path).linear("to_k", text));
    graph.output(`${path}.v`, g.at(path).linear("to_v", text));
  }
  return graph;
}
