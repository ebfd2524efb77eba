/** Super-resolution networks: ESRGAN's RRDBNet and Real-ESRGAN's SRVGGNetCompact. Follow BasicSR's `rrdbnet_arch.py` and `srvgg_arch.py`. */

import type { UpscalerNetwork } from "../models/upscaler/load.ts";
import { Graph, type Value } from "./graph.ts";
import { add, concat, depthToSpace, leakyRelu, mul, prelu, reshape, resizeNearest, scalar, transpose } from "./ops.ts";
import { Scope } from "./scope.ts";

/** Part of what a block adds that reaches its output. */
const RESIDUAL = 0.2;
const SLOPE = 0.2;

/** Input: `pixels` [1, 3, H, W] in [0, 1]. Output: `larger` [1, 3, factor · H, factor · W], about [0, 1], not clamped. */
export function buildUpscaler(network: UpscalerNetwork, height: number, width: number): Graph {
  const graph = new Graph("upscaler", { precision: "fp32", attention: "plain" });
  const pixels = graph.input("pixels", "float32", [1, 3, height, width]);
  const scope = new Scope(graph, network.weights);
  graph.output("larger", network.kind === "compact" ? compact(scope, pixels, network) : rrdb(scope, pixels, network));
  return graph;
}

function compact(g: Scope, x: Value, { layers, factor }: UpscalerNetwork & { readonly kind: "compact" }): Value {
  let h = x;
  for (let i = 0; i < layers - 1; i++) h = prelu(g.conv(`body.${2 * i}`, h), g.vector(`body.${2 * i + 1}.weight`));
  const details = depthToSpace(g.conv(`body.${2 * (layers - 1)}`, h), factor);
  return add(details, resizeNearest(x, factor * x.dim(2), factor * x.dim(3)));
}

function rrdb(g: Scope, x: Value, { blocks, doublings, unshuffle }: UpscalerNetwork & { readonly kind: "rrdb" }): Value {
  const first = g.conv("conv_first", pixelUnshuffle(x, unshuffle));
  let h = first;
  for (let i = 0; i < blocks; i++) h = residualInResidual(g.at(`body.${i}`), h);
  h = add(first, g.conv("conv_body", h));
  for (let i = 1; i <= doublings; i++) h = lrelu(g.conv(`conv_up${i}`, resizeNearest(h, 2 * h.dim(2), 2 * h.dim(3))));
  return g.conv("conv_last", lrelu(g.conv("conv_hr", h)));
}

function residualInResidual(g: Scope, x: Value): Value {
  return partly(
    [1, 2, 3].reduce((h, i) => dense(g.at(`rdb${i}`), h), x),
    x,
  );
}

/** Five convolutions, each of which sees what all before it made. */
function dense(g: Scope, x: Value): Value {
  let made: readonly Value[] = [x];
  for (let i = 1; i < 5; i++) made = [...made, lrelu(g.conv(`conv${i}`, concat(made, 1)))];
  return partly(g.conv("conv5", concat(made, 1)), x);
}

function partly(change: Value, x: Value): Value {
  return add(mul(change, scalar(x, RESIDUAL)), x);
}

function lrelu(x: Value): Value {
  return leakyRelu(x, SLOPE);
}

/** Squares of pixels to channels, as torch's `pixel_unshuffle` orders them. [1, C, H, W] -> [1, C · r², H / r, W / r] */
function pixelUnshuffle(x: Value, r: number): Value {
  if (r === 1) return x;
  const [c, h, w] = [x.dim(1), x.dim(2) / r, x.dim(3) / r];
  const split = transpose(reshape(x, [1, c, h, r, w, r]), [0, 1, 3, 5, 2, 4]); // -> [1, C, r, r, h, w]
  return reshape(split, [1, c * r * r, h, w]);
}
