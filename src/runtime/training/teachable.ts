/**
 * What can be taught: a LoRA of the UNet, a LoRA of a motion module's attentions, a whole motion module, a whole UNet, or the layers
 * that Tune-A-Video tunes. Each comes as models whose graph takes the trained tensors as inputs, with the tensors' start values.
 */

import { TorchGenerator } from "../../core/diffusion/noise.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { Parameter, Parameters } from "../../core/training/parameters.ts";
import { loraFactors } from "../../graph/trained-layers.ts";
import { tunedLayers, untunedUnet } from "../../models/tuned-clip.ts";
import type { Component, MotionConfig, TextConfig, TrainedLayers, UnetConfig, WeightSource } from "../../models/types.ts";

export interface Teachable {
  readonly unet: Component<UnetConfig>;
  /** null: pictures are trained on, not clips, unless a clip tunes the UNet. */
  readonly motion: Component<MotionConfig> | null;
  /** null: it stays as it is. */
  readonly text: Component<TextConfig> | null;
  /** By the names of the graph's inputs. */
  readonly parameters: Parameters;
}

interface Models {
  readonly unet: Component<UnetConfig>;
  readonly motion: Component<MotionConfig> | null;
}

export interface LowRank {
  readonly rank: number;
  readonly alpha: number;
  /** Start values of a factor, by the name of the graph's input. */
  start(factor: string, shape: readonly number[]): Promise<Float32Array>;
}

/** Low-rank changes of the UNet's layers with these keys. */
export async function teachLora({ unet }: Pick<Models, "unet">, keys: Iterable<string>, lowRank: LowRank): Promise<Teachable> {
  const { weights, parameters } = await withFactors(unet.weights, keys, lowRank);
  return { unet: { ...unet, weights }, motion: null, text: null, parameters };
}

/** The same, and low-rank changes of the text encoder's layers with these keys. */
export async function withTextLora(
  teachable: Teachable,
  text: Component<TextConfig>,
  keys: Iterable<string>,
  lowRank: LowRank,
): Promise<Teachable> {
  const { weights, parameters } = await withFactors(text.weights, keys, lowRank);
  return { ...teachable, text: { ...text, weights }, parameters: new Map([...teachable.parameters, ...parameters]) };
}

/** Low-rank changes of the motion module's layers with these keys. */
export async function teachMotionLora({ unet, motion }: Models, keys: Iterable<string>, lowRank: LowRank): Promise<Teachable> {
  const module = motion ?? refuseWithoutMotion();
  const { weights, parameters } = await withFactors(module.weights, keys, lowRank);
  return { unet, motion: { ...module, weights }, text: null, parameters };
}

/** All weights of the motion module; the UNet stays as it is. */
export async function teachMotion({ unet, motion }: Models): Promise<Teachable> {
  const module = motion ?? refuseWithoutMotion();
  const { weights, parameters } = await wholeOf(module.weights);
  return { unet, motion: { ...module, weights }, text: null, parameters };
}

/** All weights of the UNet. */
export async function teachUnet({ unet }: Pick<Models, "unet">): Promise<Teachable> {
  const { weights, parameters } = await wholeOf(unet.weights);
  return { unet: { ...unet, weights }, motion: null, text: null, parameters };
}

/** The layers of the UNet that Tune-A-Video tunes on a clip; the others stay as they are. */
export async function teachClip({ unet }: Pick<Models, "unet">, seed: number): Promise<Teachable> {
  const generator = new TorchGenerator(seed);
  const untuned = untunedUnet(unet, (count) => generator.randn(count));
  const { weights, parameters } = await wholeOf(untuned.weights, tunedLayers(untuned.weights));
  return { unet: { config: untuned.config, weights }, motion: null, text: null, parameters };
}

async function withFactors(source: WeightSource, keys: Iterable<string>, { rank, alpha, start }: LowRank) {
  const ranks = new Map<string, number>();
  const parameters = new Map<string, Parameter>();
  for (const key of keys) {
    const [out, inputs, ...kernel] = source.shape(key) as [number, number, ...number[]];
    const names = loraFactors(key);
    const shapes = { [names.down]: [rank, inputs, ...kernel], [names.up]: [out, rank, ...kernel.map(() => 1)] };
    for (const [name, shape] of Object.entries(shapes)) parameters.set(name, { shape, data: await start(name, shape) });
    ranks.set(key, rank);
  }
  return { weights: training(source, { whole: new Set(), ranks, scale: alpha / rank }), parameters };
}

async function wholeOf(source: WeightSource, keys: Iterable<string> = source.keys()) {
  const parameters = new Map<string, Parameter>();
  for (const key of keys) parameters.set(key, { shape: source.shape(key), data: await source.read(key) });
  return { weights: training(source, { whole: new Set(parameters.keys()), ranks: new Map(), scale: 1 }), parameters };
}

function training(source: WeightSource, trained: TrainedLayers): WeightSource {
  return { ...source, trained };
}

function refuseWithoutMotion(): never {
  throw new ZoetropeError("training/needs-motion", {
    message: "A motion module is missing.",
    hint: "Name one with --motion.",
  });
}
