/**
 * ControlNet and AnimateDiff's SparseCtrl: the UNet's first half on the same latents (SparseCtrl: on none), fed with a hint,
 * whose zero convolutions are added to the UNet's skips. Follows diffusers' controlnet.py and controlnet_sparsectrl.py.
 */

import type { NormMode } from "../core/settings/render-settings.ts";
import type { MotionConfig, UnetConfig, WeightSource } from "../models/types.ts";
import { Graph, type Value } from "./graph.ts";
import { motionModule } from "./motion.ts";
import { add, reshape, silu } from "./ops.ts";
import { Scope } from "./scope.ts";
import type { GraphStyle } from "./style.ts";
import { motionStyle, textInputs, timeEmbedding, type UnetShape, UnetWalk } from "./unet.ts";

/** "pixels": a ControlNet's picture for every frame; "scribble" and "rgb": SparseCtrl's pictures for some, with a mask. */
export type Condition = "pixels" | "scribble" | "rgb";

export interface ControlModel {
  readonly condition: Condition;
  readonly unet: UnetConfig;
  readonly motion: MotionConfig | null;
  readonly weights: WeightSource;
}

/** Channels of the hint, the mask included, and how many latent pixels' sides one of its pixels is. */
export const HINT_CHANNELS: Readonly<Record<Condition, number>> = { pixels: 3, scribble: 4, rgb: 5 };

/**
 * Embeds the hint, once per rendering. Input: `hint` [F, 3 | 4, 8h, 8w], or for "rgb" [F, 5, h, w] (latents and mask).
 * Output: `embedding` [F, c0, h, w].
 */
export function buildHint(model: ControlModel, { frames, height, width }: UnetShape, style: GraphStyle): Graph {
  const graph = new Graph("hint", style);
  const scale = model.condition === "rgb" ? 1 : 8;
  const hint = graph.input("hint", "float32", [frames, HINT_CHANNELS[model.condition], scale * height, scale * width]);
  const root = new Scope(graph, model.weights);
  graph.output("embedding", model.condition === "rgb" ? root.conv("controlnet_cond_embedding", hint) : hintNetwork(root, hint));
  return graph;
}

function hintNetwork(root: Scope, hint: Value): Value {
  const g = root.at("controlnet_cond_embedding");
  let x = silu(g.conv("conv_in", hint));
  // Pairs: one convolution keeps the size, the next halves it.
  for (let n = 0; g.has(`blocks.${n}`); n++) x = silu(g.conv(`blocks.${n}`, x, { stride: 1 + (n % 2) }));
  return g.conv("conv_out", x);
}

/**
 * Inputs: `sample` [F, 4, h, w] (not for SparseCtrl), `time`, `hint` [F, c0, h, w] (embedded), and the text's keys and values.
 * Outputs: `control.0` …, `control.mid`, to be added to the UNet's skips and to its middle's output.
 */
export function buildControl(model: ControlModel, shape: UnetShape, norm: NormMode, style: GraphStyle): Graph {
  const { unet, motion, weights } = model;
  const { frames, height, width } = shape;
  const graph = new Graph("control", style);
  const g = new Scope(graph, weights);
  const time = timeEmbedding(g, graph.input("time", "float32", [1, unet.blockOutChannels[0]!]));
  const hint = graph.input("hint", "float32", [frames, unet.blockOutChannels[0]!, height, width]);
  const entry =
    model.condition === "pixels"
      ? g.conv("conv_in", graph.input("sample", "float32", [frames, unet.inChannels, height, width]))
      : // SparseCtrl sees no latents: of a convolution over zeros only the bias is left.
        reshape(g.vector("conv_in.bias"), [1, unet.blockOutChannels[0]!, 1, 1]);

  const context = { time, text: textInputs(graph, weights, shape), over: "frame" } as const;
  const walk = new UnetWalk(g, unet, context, (path, x) =>
    motion !== null && g.has(`${path}.norm`) ? motionModule(g.at(path), x, motionStyle(motion, norm, null)) : x,
  );
  const skips = walk.down(add(hint, entry));
  const x = walk.middle(skips.at(-1)!);
  const unpadded = { padding: [0, 0, 0, 0] } as const;
  for (const [i, skip] of skips.entries()) graph.output(`control.${i}`, g.conv(`controlnet_down_blocks.${i}`, skip, unpadded));
  graph.output("control.mid", g.conv("controlnet_mid_block", x, unpadded));
  return graph;
}
