/**
 * IP-Adapter: what the image encoder saw becomes tokens, and these become keys and values of every cross-attention, once per clip.
 * Follows tencent-ailab/IP-Adapter's ImageProjModel and Resampler, and diffusers' IPAdapterAttnProcessor.
 */

import { type IpAdapterConfig, RESAMPLER_HEAD } from "../models/ip-adapter/load.ts";
import type { Component, WeightSource } from "../models/types.ts";
import { attention } from "./attention.ts";
import { Graph, type Value } from "./graph.ts";
import { add, concat, expand, gelu, reshape, split } from "./ops.ts";
import { Scope } from "./scope.ts";
import { finer, type GraphStyle } from "./style.ts";
import { crossAttentionPaths } from "./unet.ts";

/**
 * Input: `features` of each picture, [pictures, imageWidth] (plain) or [pictures, places, imageWidth] (Plus). Outputs: `PATH.k`, `PATH.v`
 * [1, pictures · tokens, C] for every cross-attention of the UNet; pictures lie side by side in one attention.
 * @param unet whose cross-attentions the adapter's are, in the order of `adapterPaths`
 * @param places tokens of the encoder's hidden state; a plain adapter does not read it
 */
export function buildPictureKv(
  { config, weights }: Component<IpAdapterConfig>,
  unet: WeightSource,
  { pictures, places }: { readonly pictures: number; readonly places: number },
  style: GraphStyle,
): Graph {
  const graph = new Graph("picture-kv", finer(style));
  const { kind, tokens: each, tokenWidth, imageWidth, attentions } = config;
  const root = new Scope(graph, weights);
  const g = root.at("image_proj");
  const shape = kind === "plain" ? [pictures, imageWidth] : [pictures, places, imageWidth];
  const features = graph.input("features", "float32", shape);
  const tokens =
    kind === "plain"
      ? g.layerNorm("norm", reshape(g.linear("proj", features), [pictures, each, tokenWidth]))
      : resampled(g, features, each);
  const all = reshape(tokens, [1, pictures * each, tokenWidth]);
  for (const [i, path] of adapterPaths(unet).entries()) {
    const attn = root.at(`ip_adapter.${attentions[i]}`);
    graph.output(`${path}.k`, attn.linear("to_k_ip", all));
    graph.output(`${path}.v`, attn.linear("to_v_ip", all));
  }
  return graph;
}

/** Learned queries pick tokens out of the features, layer by layer. features [pictures, places, imageWidth] -> [pictures, n, tokenWidth] */
function resampled(g: Scope, features: Value, n: number): Value {
  const x = g.linear("proj_in", features);
  const latents = g.vector("latents");
  let y = expand(latents, [features.dim(0), n, latents.dim(2)]);
  for (let i = 0; g.at(`layers.${i}.0`).has("to_q"); i++) {
    const attn = g.at(`layers.${i}.0`);
    const asking = attn.layerNorm("norm2", y);
    const seen = concat([attn.layerNorm("norm1", x), asking], 1);
    const [k, v] = split(attn.linear("to_kv", seen), 2, -1) as [Value, Value];
    const q = attn.linear("to_q", asking);
    y = add(y, attn.linear("to_out", attention(q, k, v, q.dim(2) / RESAMPLER_HEAD)));
    const mlp = g.at(`layers.${i}.1`);
    y = add(y, mlp.linear("3", gelu(mlp.linear("1", mlp.layerNorm("0", y)))));
  }
  return g.layerNorm("norm_out", g.linear("proj_out", y));
}

/** Paths of the UNet's cross-attentions as an IP-Adapter counts them: the way down, the way up, the middle last. */
export function adapterPaths(unet: WeightSource): string[] {
  const part = (path: string) => ["down_blocks", "up_blocks", "mid_block"].indexOf(path.split(".")[0]!);
  const numbers = (path: string) => path.match(/\d+/g)!.map(Number);
  const order = (a: string, b: string) => {
    const [x, y] = [
      [part(a), ...numbers(a)],
      [part(b), ...numbers(b)],
    ] as const;
    const at = x.findIndex((value, i) => value !== y[i]);
    return at < 0 ? 0 : x[at]! - y[at]!;
  };
  return crossAttentionPaths(unet).sort(order);
}
