/** The graph of a training step: the UNet's prediction on noised samples, the loss, and the gradients of what is trained. */

import type { NormMode } from "../core/settings/render-settings.ts";
import type { Component, MotionConfig, TextConfig, UnetConfig } from "../models/types.ts";
import { chooseCuts } from "./differentiate/cuts.ts";
import { differentiate } from "./differentiate/differentiate.ts";
import { Graph, type Value } from "./graph.ts";
import { mean, mul, reshape, sub, sum } from "./ops.ts";
import { Scope } from "./scope.ts";
import { product } from "./shapes.ts";
import type { GraphStyle } from "./style.ts";
import { textStates } from "./text-encoder.ts";
import { unetPrediction } from "./unet.ts";

/** Attention written out and weights in full, because fused and quantised operators have no derivative. */
export const TRAINING_STYLE: GraphStyle = { precision: "fp32", attention: "plain" };

export interface ObjectiveOptions {
  /** `weights.trained` of these three tells what is trained. */
  readonly unet: Component<UnetConfig>;
  /** null: pictures are trained on, not clips, unless a clip tunes the UNet. */
  readonly motion: Component<MotionConfig> | null;
  /** null: it is not trained, so that the states of the texts are given. */
  readonly text: Component<TextConfig> | null;
  readonly norm: NormMode;
  /** Frames of a clip, or pictures of a batch, which then have a text and a timestep each. */
  readonly frames: number;
  /** Size of the latents. */
  readonly height: number;
  readonly width: number;
  readonly textTokens: number;
  /** Segments whose forward values are computed again in the backward pass; 1: all are kept. */
  readonly segments: number;
}

export interface Objective {
  readonly graph: Graph;
  /** The inputs that are trained; the gradient of each is the output `gradientName` of its name. */
  readonly trained: readonly Value[];
}

/** Inputs that are not trained. */
const GIVEN: ReadonlySet<string> = new Set(["sample", "target", "time", "text", "ids", "weights"]);

export function gradientName(parameter: string): string {
  return `gradient/${parameter}`;
}

/**
 * Inputs: `sample` and `target` [F, 4, h, w]; `time` [T, c0] (see `timeProjection`); `text` [T, tokens, D], or `ids` int32 [T, tokens]
 * where the text encoder is trained; `weights` [T], each sample's share of the loss; the trained tensors; with segments also `ZERO`.
 * T = 1 for a clip and F for pictures. Outputs: `loss` [1], the sum of weight × mean squared difference over the samples, and the
 * gradients.
 * @throws RangeError if nothing is trained
 */
export function buildObjective(options: ObjectiveOptions): Objective {
  const { unet, motion, frames, height, width, textTokens } = options;
  const { config, weights } = unet;
  const graph = new Graph("objective", TRAINING_STYLE);
  const samples = motion === null && config.tunedOnClip === undefined ? frames : 1;
  const shape = [frames, config.inChannels, height, width];
  const sample = graph.input("sample", "float32", shape);
  const target = graph.input("target", "float32", shape);
  const time = graph.input("time", "float32", [samples, config.blockOutChannels[0]!]);
  const states =
    options.text === null
      ? graph.input("text", "float32", [samples, textTokens, config.crossAttentionDim])
      : textStates(options.text, graph.input("ids", "int32", [samples, textTokens]));
  const shares = graph.input("weights", "float32", [samples]);

  const g = new Scope(graph, weights);
  const sources = (path: string) => [{ k: g.at(path).linear("to_k", states), v: g.at(path).linear("to_v", states) }];
  const style = { style: TRAINING_STYLE, control: false, freeNoise: null, textBatch: samples };
  const difference = sub(unetPrediction({ ...options, ...style }, { sample, time, text: sources }), target);
  const squares = reshape(mul(difference, difference), [samples, product(shape) / samples]);
  const loss = sum(mul(reshape(mean(squares, [1]), [samples]), shares), [0]);
  graph.output("loss", loss);

  const trained = graph.inputs.filter(({ name }) => !GIVEN.has(name));
  if (trained.length === 0) throw new RangeError("nothing is trained");
  const cuts = chooseCuts(graph.nodes, options.segments);
  for (const [i, gradient] of differentiate(loss, trained, cuts).entries())
    graph.output(gradientName(trained[i]!.name), gradient);
  graph.prune();
  return { graph, trained };
}
