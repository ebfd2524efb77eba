/**
 * AnimateDiff's motion module: a temporal transformer over the frames at every spatial position.
 * Follows animatediff/models/motion_module.py and, in norm mode "diffusers", that library's AnimateDiffTransformer3D.
 */

import type { WeightedWindow } from "../core/animation/windows.ts";
import type { Component, MotionConfig } from "../models/types.ts";
import { feedForward, selfAttention } from "./blocks.ts";
import { chunked } from "./chunked.ts";
import { Graph, type Value } from "./graph.ts";
import { add, cast, concat, matching, mul, pad, reshape, slice, transpose } from "./ops.ts";
import { type NormScope, Scope } from "./scope.ts";
import type { GraphStyle } from "./style.ts";
import type { WeightUse } from "./weight-use.ts";

export interface MotionStyle {
  readonly groups: number;
  readonly heads: number;
  readonly over: NormScope;
  /** FreeNoise: frames attend within these windows only, whose results are blended. null: all to all. */
  readonly windows: readonly WeightedWindow[] | null;
  /** Absent: as trained. */
  readonly strength?: MotionStrength;
}

/** Scalars of the module's type. AnimateDiff-Evolved calls them scale and effect. */
export interface MotionStrength {
  /** Factor of the temporal attentions' keys. */
  readonly scale: Value;
  /** Factor of what the module adds. */
  readonly effect: Value;
}

/** The strengths as inputs of the graph, so that a slider rebuilds nothing: `motion.scale` and `motion.effect`, float32 [1]. */
export function motionStrengthInputs(graph: Graph): MotionStrength {
  const input = (name: string) => cast(graph.input(name, "float32", [1]), graph.compute);
  return { scale: input("motion.scale"), effect: input("motion.effect") };
}

/** x [F, C, H, W]. Two transposes: into [H·W, F, C] and back. */
export function motionModule(g: Scope, x: Value, { groups, heads, over, windows, strength }: MotionStyle): Value {
  const [f, c, h, w] = x.shape as [number, number, number, number];
  const normal = reshape(g.groupNorm("norm", x, groups, 1e-6, over), [f, c, h * w]);
  const places = transpose(normal, [2, 0, 1]); // [F, C, H·W] -> [H·W, F, C]
  const y = chunked([places], 8 * c * f, ([some]) => {
    const block = g.at("transformer_blocks.0");
    const entered = g.linear("proj_in", some!);
    const scale = strength?.scale ?? null;
    const z = windows === null ? attentions(block, entered, heads, scale) : windowed(block, entered, heads, scale, windows);
    return g.linear("proj_out", add(z, feedForward(block.at("ff"), block.layerNorm("norm3", z))));
  });
  const added = reshape(transpose(y, [1, 2, 0]), x.shape);
  return add(strength === undefined ? added : mul(added, strength.effect), x);
}

/** The temporal self-attentions: two, or one in SparseCtrl. x [H·W, F, C] */
function attentions(block: Scope, x: Value, heads: number, scale: Value | null): Value {
  const positions = matching(x, positionTable(x));
  for (const [norm, attn] of [
    ["norm1", "attn1"],
    ["norm2", "attn2"],
  ] as const) {
    // Positions are added before q, k and v alike, so the values carry them too.
    if (block.has(norm)) x = add(x, selfAttention(block.at(attn), add(block.layerNorm(norm, x), positions), heads, scale));
  }
  return x;
}

/** FreeNoise (Qiu et al. 2023, arXiv 2310.15169): each window by itself, blended by its weights, which sum to 1 at every frame. */
function windowed(block: Scope, x: Value, heads: number, scale: Value | null, windows: readonly WeightedWindow[]): Value {
  const parts = windows.map(({ start, end, weights }) => {
    const { factors } = block;
    const seen = factors === null ? block : block.withFactors(framesOf(factors, start, end));
    const y = attentions(seen, framesOf(x, start, end), heads, scale);
    const blend = x.graph.floats(`blend[${start},${end},${x.dim(1)}]`, [1, end - start, 1], () => weights);
    return placed(mul(y, matching(y, blend)), start, x.dim(1));
  });
  return parts.reduce(add);
}

/** Frames [start, end) of x [places, F, C], which go on from the first where `end` lies beyond the clip. */
function framesOf(x: Value, start: number, end: number): Value {
  const frames = x.dim(1);
  return end <= frames ? slice(x, 1, start, end) : concat([slice(x, 1, start, frames), slice(x, 1, 0, end - frames)], 1);
}

/** The reverse: y [H·W, n, C] at its frames of the clip, zeros elsewhere. */
function placed(y: Value, start: number, frames: number): Value {
  const end = start + y.dim(1);
  if (end <= frames) return pad(y, [0, start, 0], [0, frames - end, 0]);
  const [before, after] = [slice(y, 1, 0, frames - start), slice(y, 1, frames - start, y.dim(1))];
  const gap = start - (end - frames);
  if (gap === 0) return concat([after, before], 1);
  return concat([pad(after, [0, 0, 0], [0, gap, 0]), before], 1);
}

/** Sinusoidal table [1, F, C] by formula; files hold the same numbers, some rounded to fp16. */
function positionTable(x: Value): Value {
  const [frames, channels] = [x.dim(1), x.dim(2)];
  return x.graph.floats(`positions[${frames},${channels}]`, [1, frames, channels], () => temporalPositions(frames, channels));
}

/** PE[p, 2i] = sin(p · w_i), PE[p, 2i + 1] = cos(p · w_i), w_i = 10000^(-2i/C); [frames, channels] */
export function temporalPositions(frames: number, channels: number): Float32Array {
  const table = new Float32Array(frames * channels);
  for (let p = 0; p < frames; p++) {
    for (let i = 0; i < channels; i += 2) {
      const angle = p * Math.exp((-i * Math.log(10000)) / channels);
      table[p * channels + i] = Math.sin(angle);
      table[p * channels + i + 1] = Math.cos(angle);
    }
  }
  return table;
}

/** The weights of all motion modules as graphs want them stored. They do not depend on the UNet. */
export function motionWeights({ config, weights }: Component<MotionConfig>, style: GraphStyle): readonly WeightUse[] {
  const graph = new Graph("motion", style);
  const root = new Scope(graph, weights);
  for (const key of weights.keys()) {
    const path = /^(.*\.motion_modules\.\d+)\.norm\.weight$/.exec(key)?.[1];
    if (path === undefined) continue;
    const x = graph.input(path, "float32", [1, weights.shape(key)[0]!, 1, 1]);
    motionModule(root.at(path), x, { groups: config.normGroups, heads: config.heads, over: "frame", windows: null });
  }
  return graph.weights;
}
