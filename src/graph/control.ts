/**
 * ControlNet and AnimateDiff's SparseCtrl: a copy of the UNet's first half that sees a hint and the same latents (SparseCtrl: none).
 * Its zero convolutions give residuals, which are added to the UNet's skips. Follows diffusers' controlnet.py and controlnet_sparsectrl.py.
 */

import type { NormMode } from "../core/settings/render-settings.ts";
import type { MotionConfig, UnetConfig, WeightSource } from "../models/types.ts";
import { Graph, type Value } from "./graph.ts";
import { motionModule } from "./motion.ts";
import { add, reshape, silu } from "./ops.ts";
import { Scope } from "./scope.ts";
import type { GraphStyle } from "./style.ts";
import { motionStyle, textInputs, timeEmbedding, type UnetShape, UnetWalk } from "./unet.ts";

/** "pixels": a ControlNet, with a picture for every frame; "scribble" and "rgb": SparseCtrls, with pictures for some frames and a mask. */
export type Condition = "pixels" | "scribble" | "rgb";

export interface ControlModel {
  readonly condition: Condition;
  readonly unet: UnetConfig;
  readonly motion: MotionConfig | null;
  readonly weights: WeightSource;
}

const HINT_PATH = "controlnet_cond_embedding";

/** Channels of the hint, including SparseCtrl's mask: in SD 1.x 3 for "pixels", 4 for "scribble", 5 for "rgb" (latents and mask). */
export function hintChannels({ condition, weights }: ControlModel): number {
  return weights.shape(condition === "rgb" ? `${HINT_PATH}.weight` : `${HINT_PATH}.conv_in.weight`)[1]!;
}

/**
 * Embeds the hint, once per animation. Input: `hint` [F, channels, H, W] in pixels, or for "rgb" [F, channels, h, w] in latents.
 * Output: `embedding` [F, c0, h, w].
 */
export function buildHint(model: ControlModel, { frames, height, width }: UnetShape, style: GraphStyle): Graph {
  const graph = new Graph("hint", style);
  const root = new Scope(graph, model.weights);
  const layers = hintLayers(root.at(HINT_PATH));
  const scale = layers.reduce((product, { stride }) => product * stride, 1);
  const hint = graph.input("hint", "float32", [frames, hintChannels(model), scale * height, scale * width]);
  graph.output(
    "embedding",
    model.condition === "rgb" ? root.conv(HINT_PATH, hint) : hintNetwork(root.at(HINT_PATH), layers, hint),
  );
  return graph;
}

interface HintLayer {
  readonly name: string;
  readonly stride: number;
}

/** The middle of the hint network in pairs: one convolution keeps the size, the next halves it. "rgb" has none. */
function hintLayers(g: Scope): HintLayer[] {
  const layers: HintLayer[] = [];
  for (let n = 0; g.has(`blocks.${n}`); n++) layers.push({ name: `blocks.${n}`, stride: 1 + (n % 2) });
  return layers;
}

function hintNetwork(g: Scope, layers: readonly HintLayer[], hint: Value): Value {
  let x = silu(g.conv("conv_in", hint));
  for (const { name, stride } of layers) x = silu(g.conv(name, x, { stride }));
  return g.conv("conv_out", x);
}

export interface ControlShape extends UnetShape {
  /** Only the residuals of a shallow UNet with this branch (`StepCacheForm`). Absent: all. */
  readonly branch?: number;
}

/**
 * Inputs: `sample` [F, 4, h, w] (not for SparseCtrl), `time`, `hint` [F, c0, h, w] (embedded), and the text's keys and values.
 * Outputs: `control.0` …, `control.mid`, to be added to the UNet's skips and to its middle's output.
 */
export function buildControl(model: ControlModel, shape: ControlShape, norm: NormMode, style: GraphStyle): Graph {
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

  const text = textInputs(graph, weights, [{ batch: shape.textBatch, tokens: shape.textTokens }]);
  const context = { time, text, over: "frame", sees: "own" } as const;
  const walk = new UnetWalk(g, unet, context, (path, x) =>
    motion !== null && g.has(`${path}.norm`) ? motionModule(g.at(path), x, motionStyle(motion, norm, null)) : x,
  );
  const { branch } = shape;
  const skips = walk.down(add(hint, entry), branch === undefined ? undefined : branch + 1);
  const middle = branch === undefined ? walk.middle(skips.at(-1)!) : null;
  const unpadded = { padding: [0, 0, 0, 0] } as const;
  for (const [i, skip] of skips.entries()) graph.output(`control.${i}`, g.conv(`controlnet_down_blocks.${i}`, skip, unpadded));
  if (middle !== null) graph.output("control.mid", g.conv("controlnet_mid_block", middle, unpadded));
  return graph;
}
