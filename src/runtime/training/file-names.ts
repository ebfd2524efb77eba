/** Names and shapes that files give the tensors which training changes. */

import { ZoetropeError } from "../../core/errors.ts";
import type { Parameters } from "../../core/training/parameters.ts";
import type { TrainingKind } from "../../core/training/training-settings.ts";
import { originalMotionName } from "../../models/motion/keys.ts";
import type { TensorTable } from "../../models/tensors.ts";
import type { WeightSource } from "../../models/types.ts";

export interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** PEFT's name of a LoRA factor: `unet.….to_q.lora_A.weight`, `text_encoder.text_model.….q_proj.lora_A.weight`. */
export function peftName(factor: string): string {
  return `${factor.startsWith("text_model.") ? "text_encoder" : "unet"}.${factor}`;
}

/** AnimateDiff's name of a motion LoRA's factor: `….attention_blocks.0.processor.to_q_lora.down.weight`. */
export function motionLoraName(factor: string): string {
  return originalMotionName(factor)
    .replace(/\.lora_A\.weight$/, ".down.weight")
    .replace(/\.lora_B\.weight$/, ".up.weight")
    .replace(/\.(to_[qkv]|to_out)(?:\.0)?\.(down|up)\.weight$/, ".processor.$1_lora.$2.weight");
}

/** Each parameter's name in a file of its kind, with low-rank factors of the UNet in PEFT's naming. */
export async function fileTensors(
  kind: TrainingKind,
  parameters: Parameters,
  checkpoint: { readonly weights: WeightSource; readonly table: TensorTable },
): Promise<ReadonlyMap<string, FileTensor>> {
  const rename = RENAME[kind];
  const named = [...parameters].map(async ([name, { shape }]) => {
    const tensor = rename === null ? await inCheckpoint(name, checkpoint) : { name: rename(name), shape };
    return [name, tensor] as const;
  });
  return new Map(await Promise.all(named));
}

/** null: the names of the checkpoint that was opened. */
const RENAME: Readonly<Record<TrainingKind, ((name: string) => string) | null>> = {
  lora: peftName,
  "motion-lora": motionLoraName,
  motion: originalMotionName,
  unet: null,
  "tune-a-video": (name) => name,
};

/** Files store some linears as 1×1 convolutions, so the shape comes from the file. */
async function inCheckpoint(
  key: string,
  { weights, table }: { readonly weights: WeightSource; readonly table: TensorTable },
): Promise<FileTensor> {
  const name = (await weights.stored?.(key))?.tensorName;
  const found = name === undefined ? undefined : table.get(name);
  if (found !== undefined) return { name: name!, shape: found.info.shape };
  throw new ZoetropeError("training/checkpoint", {
    message: `The checkpoint has no tensor of its own for "${key}".`,
    hint: "Train a LoRA, or choose a checkpoint as its trainer wrote it.",
  });
}
