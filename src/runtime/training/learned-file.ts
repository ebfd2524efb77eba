/**
 * Writes what was learned as files that other tools read: kohya's LoRA with its metadata, AnimateDiff's motion LoRA and motion module,
 * and a checkpoint in the names and types of the one that it began with.
 * Source: kohya-ss/sd-scripts `networks/lora.py` and docs of its `ss_` metadata, guoyww/AnimateDiff, Stability AI's ModelSpec.
 */

import type { Parameters } from "../../core/training/parameters.ts";
import { alphaOf, type TrainingKind, type TrainingSettings } from "../../core/training/training-settings.ts";
import { encodeSafetensors, type TensorToWrite } from "../../formats/safetensors/writer.ts";
import type { TensorFile } from "../../formats/tensor-file.ts";
import { temporalPositions } from "../../graph/motion.ts";
import { originalMotionName } from "../../models/motion/keys.ts";
import type { TensorTable } from "../../models/tensors.ts";
import { LATENTS, LEVELS } from "../../models/tuned-clip.ts";
import type { Component, MotionConfig, UnetConfig } from "../../models/types.ts";
import { type FileTensor, motionLoraName } from "./file-names.ts";
import type { InvertedClip } from "./invert-clip.ts";

export interface LearnedLora {
  readonly parameters: Parameters;
  readonly rank: number;
  readonly alpha: number;
}

export interface LearnedUnetLora extends LearnedLora {
  /** As in the UNet's configuration: files of other UNets have 1×1 convolutions at the transformers' ends. */
  readonly linearProjection: boolean;
}

/** What a LoRA's metadata tells about its training. */
export interface LoraInfo {
  readonly title: string;
  /** Of the checkpoint. */
  readonly modelName: string;
  readonly steps: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Word that calls what was learned. */
  readonly trigger: string | null;
  /** Of the pictures. */
  readonly captions: readonly string[];
  /** An example of what it does, as a data URL; null: none. */
  readonly thumbnail: string | null;
}

/** The file of a LoRA or motion module; whole UNets and tuned ones have `checkpointFile` and `tunedClipFile`. */
export function learnedFile(
  kind: Exclude<TrainingKind, "unet" | "tune-a-video">,
  parameters: Parameters,
  settings: TrainingSettings,
  { unet, motion }: { readonly unet: Component<UnetConfig>; readonly motion: Component<MotionConfig> | null },
  info: LoraInfo,
): Uint8Array<ArrayBuffer> {
  const lora = { parameters, rank: settings.rank, alpha: alphaOf(settings) };
  switch (kind) {
    case "lora":
      return loraFile({ ...lora, linearProjection: unet.config.linearProjection }, info);
    case "motion-lora":
      return motionLoraFile(lora);
    case "motion":
      return motionFile(parameters, motion!.config);
  }
}

/** A LoRA of the UNet, and perhaps of the text encoder, in kohya's names. */
export function loraFile(
  { parameters, rank, alpha, linearProjection }: LearnedUnetLora,
  info: LoraInfo,
): Uint8Array<ArrayBuffer> {
  const tensors: TensorToWrite[] = [];
  for (const [factor, { shape, data }] of parameters) {
    const [, path, side] = /^(.+)\.lora_([AB])\.weight$/.exec(factor)!;
    const layer = `${path!.startsWith("text_model.") ? "lora_te" : "lora_unet"}_${path!.replaceAll(".", "_")}`;
    const pointwise = !linearProjection && /\.proj_(in|out)$/.test(path!) && shape.length === 2;
    const name = `${layer}.${side === "A" ? "lora_down" : "lora_up"}.weight`;
    tensors.push({ name, dtype: "F32", shape: pointwise ? [...shape, 1, 1] : shape, data });
    if (side === "A") tensors.push({ name: `${layer}.alpha`, dtype: "F32", shape: [], data: Float32Array.of(alpha) });
  }
  return encodeSafetensors(tensors, loraMetadata(rank, alpha, info));
}

function loraMetadata(rank: number, alpha: number, info: LoraInfo): Record<string, string> {
  const counts: Record<string, number> = {};
  for (const caption of info.captions) for (const tag of tagsOf(caption)) counts[tag] = (counts[tag] ?? 0) + 1;
  return {
    ss_network_module: "networks.lora",
    ss_network_dim: String(rank),
    ss_network_alpha: String(alpha),
    ss_base_model_version: "sd_v1",
    ss_sd_model_name: info.modelName,
    ss_output_name: info.title,
    ss_steps: String(info.steps),
    ss_learning_rate: String(info.learningRate),
    ss_seed: String(info.seed),
    ss_num_train_images: String(info.captions.length),
    ss_tag_frequency: JSON.stringify({ pictures: counts }),
    "modelspec.sai_model_spec": "1.0.0",
    "modelspec.architecture": "stable-diffusion-v1/lora",
    "modelspec.title": info.title,
    ...(info.trigger === null ? {} : { "modelspec.trigger_phrase": info.trigger }),
    ...(info.thumbnail === null ? {} : { "modelspec.thumbnail": info.thumbnail }),
  };
}

function tagsOf(caption: string): Set<string> {
  return new Set(
    caption
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
  );
}

/** A motion LoRA in AnimateDiff's names. Its files have no alpha, so alpha / rank is multiplied into `up`. */
export function motionLoraFile({ parameters, rank, alpha }: LearnedLora): Uint8Array<ArrayBuffer> {
  const scale = alpha / rank;
  const tensors = [...parameters].map(([factor, { shape, data }]): TensorToWrite => {
    const values = factor.endsWith(".lora_B.weight") ? data.map((x) => scale * x) : data;
    return { name: motionLoraName(factor), dtype: "F32", shape, data: values };
  });
  return encodeSafetensors(tensors, { format: "pt" });
}

/** A motion module in AnimateDiff's names, with its position tables, whose length tells its version. */
export function motionFile(parameters: Parameters, config: MotionConfig): Uint8Array<ArrayBuffer> {
  const tensors: TensorToWrite[] = [];
  for (const [key, { shape, data }] of parameters) {
    const name = originalMotionName(key);
    tensors.push({ name, dtype: "F32", shape, data });
    const attention = /^(.*\.attention_blocks\.\d+)\.to_q\.weight$/.exec(name)?.[1];
    if (attention === undefined) continue;
    const positions = temporalPositions(config.maxFrames, shape[0]!);
    tensors.push({
      name: `${attention}.pos_encoder.pe`,
      dtype: "F32",
      shape: [1, config.maxFrames, shape[0]!],
      data: positions,
    });
  }
  return encodeSafetensors(tensors, { format: "pt" });
}

/** What the metadata of a tuned clip tells. */
export interface TunedClipInfo extends Pick<LoraInfo, "modelName" | "thumbnail"> {
  /** Of the clip. */
  readonly caption: string;
  /** Widths of the levels of the UNet that was tuned. */
  readonly levels: readonly number[];
}

/** What tuning on a clip has changed, and the noise that draws the clip again; null: nobody looked for it. */
export function tunedClipFile(
  parameters: Parameters,
  inverted: InvertedClip | null,
  { caption, modelName, levels, thumbnail }: TunedClipInfo,
): Uint8Array<ArrayBuffer> {
  const tensors: TensorToWrite[] = [];
  for (const [name, { shape, data }] of parameters) {
    tensors.push({ name, dtype: "F32", shape, data });
    const block = /^(.+)\.attn_temp\.to_q\.weight$/.exec(name)?.[1];
    if (block === undefined) continue;
    const width = shape[1]!;
    tensors.push({ name: `${block}.norm_temp.weight`, dtype: "F32", shape: [width], data: new Float32Array(width).fill(1) });
    tensors.push({ name: `${block}.norm_temp.bias`, dtype: "F32", shape: [width], data: new Float32Array(width) });
  }
  if (inverted !== null) tensors.push(noiseTensor(inverted));
  return encodeSafetensors(tensors, {
    format: "pt",
    ss_sd_model_name: modelName,
    [LEVELS]: levels.join(),
    "modelspec.title": "Tune-A-Video",
    "modelspec.description": caption,
    ...(thumbnail === null ? {} : { "modelspec.thumbnail": thumbnail }),
  });
}

/** The file of a tuned clip with the noise that it lacked. */
export async function withNoise(file: TensorFile, inverted: InvertedClip): Promise<Uint8Array<ArrayBuffer>> {
  const tensors: TensorToWrite[] = [];
  for (const info of file.tensors.values()) tensors.push({ ...info, data: await file.readFloat32(info.name) });
  return encodeSafetensors([...tensors, noiseTensor(inverted)], file.metadata);
}

function noiseTensor({ shape, latents }: InvertedClip): TensorToWrite {
  return { name: LATENTS, dtype: "F32", shape, data: latents };
}

/** The checkpoint `table` was read from, with the trained tensors in place of its own. */
export async function checkpointFile(
  parameters: Parameters,
  names: ReadonlyMap<string, FileTensor>,
  table: TensorTable,
): Promise<Uint8Array<ArrayBuffer>> {
  const trained = new Map([...parameters].map(([key, { data }]) => [names.get(key)!.name, data]));
  const tensors: TensorToWrite[] = [];
  for (const { file, info } of table.values()) {
    const data = trained.get(info.name);
    const halfOrFull = info.dtype === "F16" || info.dtype === "BF16" ? info.dtype : "F32";
    if (data !== undefined) tensors.push({ name: info.name, dtype: halfOrFull, shape: info.shape, data });
    else tensors.push({ ...info, data: await file.readBytes(info.name) });
  }
  return encodeSafetensors(tensors, { format: "pt" });
}
