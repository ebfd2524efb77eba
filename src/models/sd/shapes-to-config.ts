/**
 * Infers configurations from the shapes of canonically named tensors, for single files, which have no config.json. Settings that
 * shapes cannot tell are those of Stable Diffusion 1.x: 8 heads at every level, 32 norm groups, CLIP heads of 64.
 */

import { modulePaths, shapeOf, type TensorTable } from "../tensors.ts";
import type { KlVaeConfig, TextConfig, UnetConfig } from "../types.ts";
import { missingWeight } from "../weights.ts";

const SD_HEADS = 8;
const SD_GROUPS = 32;
const CLIP_HEAD_SIZE = 64;

/** Size of one dimension of a tensor. Throws `weights/missing` if the file lacks it. */
function size(table: TensorTable, key: string, dimension: number, fileName: string): number {
  return shapeOf(table, key)?.[dimension] ?? missingWeight(fileName, key);
}

/** Counts the modules `path(0)`, `path(1)`, … that have any tensor. A module that lacks some is counted; `takePlaces` names what it lacks. */
function count(paths: ReadonlySet<string>, path: (i: number) => string): number {
  let n = 0;
  while (paths.has(path(n))) n++;
  return n;
}

export function unetFromShapes(table: TensorTable, fileName: string): UnetConfig {
  const paths = modulePaths(table.keys());
  const levels = count(paths, (i) => `down_blocks.${i}.resnets`);
  const levelIndices = Array.from({ length: levels }, (_, i) => i);
  const attends = (block: string) => paths.has(`${block}.attentions`);
  const downAttention = levelIndices.map((i) => attends(`down_blocks.${i}`));
  const attention = attentionPath(table, downAttention, fileName);
  const blockOutChannels = levelIndices.map((i) => size(table, `down_blocks.${i}.resnets.0.conv1.weight`, 0, fileName));
  return {
    inChannels: size(table, "conv_in.weight", 1, fileName),
    outChannels: shapeOf(table, "conv_out.weight")?.[0] ?? size(table, "conv_in.weight", 1, fileName),
    blockOutChannels,
    downLayers: levelIndices.map((i) => count(paths, (j) => `down_blocks.${i}.resnets.${j}`)),
    upLayers: levelIndices.map((i) => count(paths, (j) => `up_blocks.${i}.resnets.${j}`)),
    downAttention,
    upAttention: levelIndices.map((i) => attends(`up_blocks.${i}`)),
    midBlock: paths.has("mid_block") ? "attention" : "none",
    heads: levelIndices.map(() => SD_HEADS),
    crossAttentionDim: size(table, `${attention}.transformer_blocks.0.attn2.to_k.weight`, 1, fileName),
    normGroups: SD_GROUPS,
    normEps: 1e-5,
    linearProjection: shapeOf(table, `${attention}.proj_in.weight`)?.length === 2,
  };
}

function attentionPath(table: TensorTable, downAttention: readonly boolean[], fileName: string): string {
  const level = downAttention.indexOf(true);
  if (level >= 0) return `down_blocks.${level}.attentions.0`;
  const path = "mid_block.attentions.0";
  return table.has(`${path}.norm.weight`) ? path : missingWeight(fileName, "down_blocks.0.attentions.0.norm.weight");
}

export function vaeFromShapes(table: TensorTable, fileName: string): KlVaeConfig {
  const paths = modulePaths(table.keys());
  const levels = count(paths, (i) => `encoder.down_blocks.${i}.resnets`);
  return {
    kind: "kl",
    latentChannels: size(table, "decoder.conv_in.weight", 1, fileName),
    blockOutChannels: Array.from({ length: levels }, (_, i) =>
      size(table, `encoder.down_blocks.${i}.resnets.0.conv1.weight`, 0, fileName),
    ),
    layersPerBlock: count(paths, (j) => `encoder.down_blocks.0.resnets.${j}`),
    normGroups: SD_GROUPS,
    midAttention: paths.has("decoder.mid_block.attentions"),
    quantConv: table.has("quant_conv.weight"),
    postQuantConv: table.has("post_quant_conv.weight"),
    scalingFactor: 0.18215,
  };
}

export function textFromShapes(table: TensorTable, fileName: string): TextConfig {
  const tokens = "text_model.embeddings.token_embedding.weight";
  const hiddenSize = size(table, tokens, 1, fileName);
  return {
    vocabSize: size(table, tokens, 0, fileName),
    hiddenSize,
    intermediateSize: size(table, "text_model.encoder.layers.0.mlp.fc1.weight", 0, fileName),
    layers: count(modulePaths(table.keys()), (i) => `text_model.encoder.layers.${i}`),
    heads: Math.max(1, Math.floor(hiddenSize / CLIP_HEAD_SIZE)),
    maxPositions: size(table, "text_model.embeddings.position_embedding.weight", 0, fileName),
    activation: "quick_gelu",
    normEps: 1e-5,
  };
}
