/** Which layers of the UNet a LoRA changes, and the values that it starts from. */

import { TorchGenerator } from "../../core/diffusion/noise.ts";
import type { LoraTarget } from "../../core/training/training-settings.ts";
import type { WeightSource } from "../../models/types.ts";
import type { LowRank } from "./teachable.ts";

const ATTENTION = String.raw`attn\d\.to_(?:q|k|v|out\.0)`;
const TRANSFORMER = String.raw`${ATTENTION}|proj_in|proj_out|ff\.net\.0\.proj|ff\.net\.2`;
const ALL = String.raw`${TRANSFORMER}|conv1|conv2|conv_shortcut|(?:down|up)samplers\.0\.conv`;

/** "attention": q, k, v and output; "transformer": all linears of the transformers, as kohya; "all": the convolutions, too. */
const PATTERNS: Readonly<Record<LoraTarget, RegExp>> = {
  attention: new RegExp(String.raw`\.(?:${ATTENTION})\.weight$`),
  transformer: new RegExp(String.raw`\.(?:${TRANSFORMER})\.weight$`),
  all: new RegExp(String.raw`\.(?:${ALL})\.weight$`),
};

/** Keys of the layers, in the order of the checkpoint. */
export function loraLayers(weights: WeightSource, target: LoraTarget): string[] {
  return [...weights.keys()].filter((key) => PATTERNS[target].test(key));
}

/** Keys of the layers of a motion module that its LoRA changes, as AnimateDiff's own do. */
export function motionLoraLayers(weights: WeightSource): string[] {
  return [...weights.keys()].filter((key) => PATTERNS.attention.test(key));
}

/** Keys of all linears of the text encoder's transformer, as kohya. */
export function textLoraLayers(weights: WeightSource): string[] {
  return [...weights.keys()].filter((key) => /\.layers\.\d+\.(self_attn\.(q|k|v|out)_proj|mlp\.fc[12])\.weight$/.test(key));
}

/** PEFT's "gaussian" start: down with deviation 1 / rank, up zero, so that the LoRA changes nothing before the first step. */
export function freshStart(seed: number, rank: number): LowRank["start"] {
  const generator = new TorchGenerator(seed);
  return async (factor, shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return factor.endsWith(".lora_B.weight") ? new Float32Array(length) : generator.randn(length).map((x) => x / rank);
  };
}
