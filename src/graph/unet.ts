/**
 * The UNet of SD 1.x and its smaller kin, with AnimateDiff's motion modules where there are any.
 * Follows diffusers' unet_2d_condition.py and unet_motion_model.py; its inputs and outputs are those of one of the two guidance calls.
 */

import { freeNoiseWindows, loopFreeNoiseWindows, type WindowWeights } from "../core/animation/windows.ts";
import type { NormMode } from "../core/settings/render-settings.ts";
import type { Component, MotionConfig, UnetConfig, WeightSource } from "../models/types.ts";
import {
  downsample,
  type ResnetStyle,
  resnet,
  type SeenFrames,
  spatialTransformer,
  type TextLookup,
  upsample,
} from "./blocks.ts";
import { Graph, type Value } from "./graph.ts";
import { type MotionStyle, motionModule, motionStrengthInputs } from "./motion.ts";
import { add, cast, concat, silu } from "./ops.ts";
import { type NormScope, Scope } from "./scope.ts";
import { frameFactorsInput } from "./side-branch.ts";
import type { GraphStyle } from "./style.ts";

export interface UnetShape {
  readonly frames: number;
  /** Size of the latents: pixels divided by the VAE's factor. */
  readonly height: number;
  readonly width: number;
  /** 1: one prompt for the clip; `frames`: each frame has its own text. */
  readonly textBatch: number;
  /** Tokens of the text: 77, or a multiple for long prompts. */
  readonly textTokens: number;
}

/**
 * A UNet in two forms for step caching (Ma et al. 2023, "DeepCache"): "full" gives what its deep part computed as the output `deep`,
 * "shallow" takes it as an input and computes the outer layers only. `branch` counts the skip connections from the outside: the
 * deep part ends where the way up takes the skip of this index.
 */
export interface StepCacheForm {
  readonly form: "full" | "shallow";
  readonly branch: number;
}

/** FreeNoise's windows: `length` frames, one every `stride`, blended by `weights`; in a closed loop they go round the clip. */
export interface FreeNoise {
  readonly length: number;
  readonly stride: number;
  readonly weights: WindowWeights;
  /** Absent: false. */
  readonly loop?: boolean;
}

export interface UnetOptions extends UnetShape {
  readonly unet: Component<UnetConfig>;
  readonly motion: Component<MotionConfig> | null;
  readonly norm: NormMode;
  readonly style: GraphStyle;
  /** Frames attend within windows (see MotionStyle); null: all to all. */
  readonly freeNoise: FreeNoise | null;
  /** Every frame's self-attention looks at the first frame instead of its own (Text2Video-Zero). Absent: at its own. */
  readonly firstFrame?: boolean;
  /** Adds the residuals of ControlNets as inputs `control.0` …, `control.mid`. */
  readonly control: boolean;
  /** Adds the features of T2I-Adapters at the end of each level on the way down, as inputs `feature.0` …. Absent: none. */
  readonly features?: boolean;
  /** Sources of the cross-attentions besides the prompt, such as a picture (IP-Adapter). Absent: none. */
  readonly otherSources?: readonly SourceShape[];
  /** The motion module's strengths are inputs (motion.ts). Absent: as trained. */
  readonly motionStrength?: boolean;
  /** null or absent: the whole UNet, without step caching. */
  readonly stepCache?: StepCacheForm | null;
}

/**
 * Inputs: `sample` [F, 4, h, w]; `time` [1, c0] (see `timeProjection`); for every cross-attention `PATH.k` and `PATH.v`
 * [textBatch, tokens, C] (see text-kv.ts); with `control` the residuals. Output: `prediction` [F, 4, h, w]. For `deep` see `StepCacheForm`.
 */
export function buildUnet(options: UnetOptions): Graph {
  const { unet, frames, height, width } = options;
  const graph = new Graph("unet", options.style);
  const sample = graph.input("sample", "float32", [frames, unet.config.inChannels, height, width]);
  const time = graph.input("time", "float32", [1, unet.config.blockOutChannels[0]!]);
  const prompt = { batch: options.textBatch, tokens: options.textTokens };
  const text = textInputs(graph, unet.weights, [prompt, ...(options.otherSources ?? [])]);
  graph.output("prediction", unetPrediction(options, { sample, time, text }));
  return graph;
}

/** What the UNet predicts, [F, 4, h, w]. sample [F, 4, h, w]; time [1, c0], or [F, c0] where every frame has its own. */
export function unetPrediction(
  options: UnetOptions,
  inputs: { readonly sample: Value; readonly time: Value; readonly text: TextLookup },
): Value {
  const { unet, motion } = options;
  const { config } = unet;
  const { graph } = inputs.sample;
  const { compute } = graph;
  const sample = cast(inputs.sample, compute);
  const factors = (weights: WeightSource, axis: "frames-first" | "frames-second") =>
    frameFactorsInput(graph, weights, options.frames, axis);
  const g = new Scope(graph, unet.weights, "", factors(unet.weights, "frames-first"));
  const temporal =
    motion === null
      ? null
      : {
          scope: new Scope(graph, motion.weights, "", factors(motion.weights, "frames-second")),
          style: unetMotionStyle(graph, motion.config, options),
        };
  // Tune-A-Video's norms of the resnets are over the whole clip, as its inflated UNet computes them.
  const over = config.tunedOnClip ? "clip" : resnetScope(motion?.config ?? null, options.norm);
  const sees = config.tunedOnClip ? "first-and-previous" : options.firstFrame === true ? "first" : "own";

  const time = cast(timeEmbedding(g, inputs.time), compute);
  const withMotion = (path: string, x: Value) =>
    temporal?.scope.has(`${path}.norm`) ? motionModule(temporal.scope.at(path), x, temporal.style) : x;
  const withFeatures = (level: number, x: Value) =>
    options.features === true ? add(x, cast(graph.input(`feature.${level}`, "float32", x.shape), compute)) : x;
  const walk = new UnetWalk(g, config, { time, text: inputs.text, over, sees }, withMotion, withFeatures);

  const stepCache = options.stepCache ?? null;
  const shallow = stepCache?.form === "shallow";
  const skips = walk.down(g.conv("conv_in", sample), shallow ? stepCache.branch + 1 : undefined);
  let x = shallow
    ? cast(graph.input("deep", "float32", walk.deepShape(skips.at(-1)!, stepCache.branch)), compute)
    : walk.middle(skips.at(-1)!);
  let residuals = skips;
  if (options.control) {
    residuals = skips.map((skip, i) => add(skip, cast(graph.input(`control.${i}`, "float32", skip.shape), compute)));
    if (!shallow) x = add(x, cast(graph.input("control.mid", "float32", x.shape), compute));
  }
  x = walk.up(x, residuals, (deep, skip) => {
    if (stepCache?.form === "full" && skip === stepCache.branch) graph.output("deep", cast(deep, "float32"));
  });
  x = silu(g.groupNorm("conv_norm_out", x, config.normGroups, config.normEps, over));
  return cast(g.conv("conv_out", x), "float32");
}

export interface SourceShape {
  /** 1: the same for the whole clip; `frames`: each frame has its own. */
  readonly batch: number;
  readonly tokens: number;
}

/**
 * Keys and values of each source as graph inputs in the style's type, made where a cross-attention asks for them: `PATH.k` and `PATH.v`
 * for the first source, `PATH.k.1` and so on for others.
 */
export function textInputs(graph: Graph, weights: WeightSource, sources: readonly SourceShape[]): TextLookup {
  return (path) =>
    sources.map(({ batch, tokens }, i) => {
      const shape = [batch, tokens, weights.shape(`${path}.to_k.weight`)[0]!];
      const input = (name: string) => cast(graph.input(i === 0 ? name : `${name}.${i}`, "float32", shape), graph.compute);
      return { k: input(`${path}.k`), v: input(`${path}.v`) };
    });
}

function unetMotionStyle(graph: Graph, config: MotionConfig, options: UnetOptions): MotionStyle {
  const style = motionStyle(config, options.norm, windowsOf(options));
  return options.motionStrength === true ? { ...style, strength: motionStrengthInputs(graph) } : style;
}

/** v1 motion modules were trained with every resnet norm over the whole clip (AnimateDiff's InflatedGroupNorm came with v2). */
function resnetScope(motion: MotionConfig | null, norm: NormMode): NormScope {
  return norm === "original" && motion?.version === "v1" ? "clip" : "frame";
}

export function motionStyle(config: MotionConfig, norm: NormMode, windows: MotionStyle["windows"]): MotionStyle {
  return { groups: config.normGroups, heads: config.heads, over: norm === "original" ? "frame" : "clip", windows };
}

/** In norm mode "diffusers" the last frames fade as they do in that library; otherwise every frame gets its full share. */
function windowsOf({ freeNoise, frames, norm }: UnetOptions): MotionStyle["windows"] {
  if (freeNoise === null) return null;
  const { length, stride, weights, loop = false } = freeNoise;
  if (loop) return loopFreeNoiseWindows(frames, length, stride, weights);
  return freeNoiseWindows(frames, length, stride, weights, norm === "diffusers" ? "diffusers" : "even");
}

/** time [1, c0] -> [1, 4·c0], with the SiLU that every resnet applies to it. */
export function timeEmbedding(g: Scope, time: Value): Value {
  return silu(g.linear("time_embedding.linear_2", silu(g.linear("time_embedding.linear_1", time))));
}

/**
 * Sinusoidal embedding of a (possibly fractional) timestep, cosines first, in fp32 arithmetic as torch computes it.
 * @returns [channels]
 */
export function timeProjection(timestep: number, channels: number): Float32Array {
  const half = channels / 2;
  const out = new Float32Array(channels);
  const log = Math.fround(-Math.log(10000));
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(Math.exp(Math.fround(Math.fround(log * i) / half)));
    const angle = Math.fround(Math.fround(timestep) * frequency);
    out[i] = Math.cos(angle);
    out[half + i] = Math.sin(angle);
  }
  return out;
}

/** Inputs that every block gets. */
interface Context {
  readonly time: Value;
  readonly text: TextLookup;
  readonly over: NormScope;
  readonly sees: SeenFrames;
}

/** The three parts of the U, shared with ControlNets, which have the first two only. */
export class UnetWalk {
  readonly #g: Scope;
  readonly #config: UnetConfig;
  readonly #context: Context;
  readonly #motion: (path: string, x: Value) => Value;
  readonly #levelEnd: (level: number, x: Value) => Value;
  readonly #resnet: ResnetStyle;

  /**
   * @param motion what happens after the layer at `down_blocks.0.motion_modules.1` etc.
   * @param levelEnd what happens at the end of a level on the way down, before its last skip is taken
   */
  constructor(
    g: Scope,
    config: UnetConfig,
    context: Context,
    motion: (path: string, x: Value) => Value,
    levelEnd: (level: number, x: Value) => Value = (_, x) => x,
  ) {
    this.#levelEnd = levelEnd;
    this.#g = g;
    this.#config = config;
    this.#context = context;
    this.#motion = motion;
    this.#resnet = { groups: config.normGroups, eps: config.normEps, over: context.over };
  }

  /**
   * @param most stops after so many skips
   * @returns the skip stack; its last entry is the state that enters the middle
   */
  down(x: Value, most = Number.POSITIVE_INFINITY): Value[] {
    const { downLayers, downAttention, heads } = this.#config;
    const skips = [x];
    for (const [level, layers] of downLayers.entries()) {
      const block = `down_blocks.${level}`;
      for (let layer = 0; layer < layers && skips.length < most; layer++) {
        x = this.#layer(block, layer, x, downAttention[level]! ? heads[level]! : null);
        if (layer === layers - 1) x = this.#levelEnd(level, x);
        skips.push(x);
      }
      if (skips.length < most && this.#g.has(`${block}.downsamplers.0.conv`)) {
        x = downsample(this.#g.at(`${block}.downsamplers.0`), x);
        skips.push(x);
      }
    }
    return skips;
  }

  middle(x: Value): Value {
    if (this.#config.midBlock === "none") return x;
    const g = this.#g;
    x = resnet(g.at("mid_block.resnets.0"), x, this.#context.time, this.#resnet);
    x = this.#transformer("mid_block.attentions.0", x, this.#config.heads.at(-1)!);
    x = this.#motion("mid_block.motion_modules.0", x);
    return resnet(g.at("mid_block.resnets.1"), x, this.#context.time, this.#resnet);
  }

  /**
   * @param skips the outermost skips: the layers that would take others are left out
   * @param seen is told what enters each layer, and the index of the skip that the layer takes
   */
  up(x: Value, skips: readonly Value[], seen: (x: Value, skip: number) => void = () => undefined): Value {
    const { upLayers, upAttention, heads } = this.#config;
    const stack = [...skips];
    let left = upLayers.reduce((a, b) => a + b, 0);
    for (const [index, layers] of upLayers.entries()) {
      const block = `up_blocks.${index}`;
      const levelHeads = heads[heads.length - 1 - index]!;
      for (let layer = 0; layer < layers; layer++, left--) {
        if (left > stack.length) continue;
        seen(x, left - 1);
        x = this.#layer(block, layer, concat([x, stack.pop()!], 1), upAttention[index]! ? levelHeads : null);
      }
      if (left < skips.length && this.#g.has(`${block}.upsamplers.0.conv`)) {
        // Odd sizes: the way down rounded up, so the way up aims at the size of the next skip.
        const target = stack.at(-1)!;
        x = upsample(this.#g.at(`${block}.upsamplers.0`), x, target.dim(2), target.dim(3));
      }
    }
    return x;
  }

  /** Shape of what enters the layer on the way up that takes the skip of this index. */
  deepShape(skip: Value, branch: number): number[] {
    const layers = this.#config.upLayers.flatMap((count, index) =>
      Array.from({ length: count }, (_, layer) => `up_blocks.${index}.resnets.${layer}`),
    );
    const [frames, channels, height, width] = skip.shape as [number, number, number, number];
    return [frames, this.#g.at(layers.at(-1 - branch)!).width("norm1") - channels, height, width];
  }

  #layer(block: string, layer: number, x: Value, heads: number | null): Value {
    x = resnet(this.#g.at(`${block}.resnets.${layer}`), x, this.#context.time, this.#resnet);
    if (heads !== null) x = this.#transformer(`${block}.attentions.${layer}`, x, heads);
    return this.#motion(`${block}.motion_modules.${layer}`, x);
  }

  #transformer(path: string, x: Value, heads: number): Value {
    const { text, sees } = this.#context;
    return spatialTransformer(this.#g.at(path), path, x, text, { groups: this.#config.normGroups, heads, sees });
  }
}

/** Paths of all cross-attentions, in the order of the checkpoint. */
export function crossAttentionPaths(weights: WeightSource): string[] {
  return [...weights.keys()].filter((k) => k.endsWith(".attn2.to_k.weight")).map((k) => k.slice(0, -".to_k.weight".length));
}
