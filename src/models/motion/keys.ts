/**
 * Names and places of a motion module: AnimateDiff's own (`…temporal_transformer.transformer_blocks.0.attention_blocks.1`)
 * against the canonical ones of diffusers (`…transformer_blocks.0.attn2`).
 * Source: guoyww/AnimateDiff `motion_module.py`, diffusers `MotionAdapter`.
 */

import { linearPlaces, normPlaces } from "../sd/unet-layout.ts";
import type { TensorRef } from "../tensors.ts";
import type { MotionConfig } from "../types.ts";
import type { Place } from "../weights.ts";

/** AnimateDiff's name -> canonical; canonical names stay as they are. */
export function canonicalMotionName(name: string): string {
  return name
    .replace(".temporal_transformer.", ".")
    .replace(/\.attention_blocks\.(\d+)\./, (_, k) => `.attn${Number(k) + 1}.`)
    .replace(/\.norms\.(\d+)\./, (_, k) => `.norm${Number(k) + 1}.`)
    .replace(".ff_norm.", ".norm3.");
}

/** Canonical -> AnimateDiff's name, as LoRA files write it. */
export function originalMotionName(name: string): string {
  return name
    .replace(/(\.motion_modules\.\d+\.)/, "$1temporal_transformer.")
    .replace(/\.attn(\d)\./, (_, k) => `.attention_blocks.${Number(k) - 1}.`)
    .replace(".norm3.", ".ff_norm.")
    .replace(/\.norm(\d)\./, (_, k) => `.norms.${Number(k) - 1}.`);
}

const POSITIONS = /\.(pos_encoder|pos_embed)\.pe$/;

/** Canonically named tensors of a motion module, without its position tables, whose length is returned (null: none stored). */
export function canonicalMotion(tensors: ReadonlyMap<string, TensorRef>): {
  tensors: Map<string, TensorRef>;
  positions: number | null;
} {
  const renamed = new Map<string, TensorRef>();
  let positions: number | null = null;
  for (const [key, ref] of tensors) {
    if (POSITIONS.test(key)) positions = ref.info.shape[1] ?? null;
    else renamed.set(canonicalMotionName(key), ref);
  }
  return { tensors: renamed, positions };
}

/** Paths of the modules, `down_blocks.0.motion_modules.0` …, with their widths. */
export function* motionModulePaths(config: MotionConfig): Iterable<readonly [path: string, width: number]> {
  const widths = config.blockOutChannels;
  for (const [i, width] of widths.entries()) {
    for (let j = 0; j < config.downLayers[i]!; j++) yield [`down_blocks.${i}.motion_modules.${j}`, width];
  }
  if (config.midBlock) yield ["mid_block.motion_modules.0", widths.at(-1)!];
  for (let i = 0; i < config.upLayers.length; i++) {
    for (let j = 0; j < config.upLayers[i]!; j++) yield [`up_blocks.${i}.motion_modules.${j}`, widths.at(-1 - i)!];
  }
}

/** Every tensor of the motion module with its shape. */
export function* motionPlaces(config: MotionConfig): Iterable<Place> {
  for (const [path, width] of motionModulePaths(config)) {
    const block = `${path}.transformer_blocks.0`;
    yield* normPlaces(`${path}.norm`, width);
    yield* linearPlaces(`${path}.proj_in`, width, width);
    for (let k = 1; k <= config.attentions; k++) {
      yield* normPlaces(`${block}.norm${k}`, width);
      for (const name of ["to_q", "to_k", "to_v"]) yield [`${block}.attn${k}.${name}.weight`, [width, width]];
      yield* linearPlaces(`${block}.attn${k}.to_out.0`, width, width);
    }
    yield* normPlaces(`${block}.norm3`, width);
    yield* linearPlaces(`${block}.ff.net.0.proj`, 8 * width, width);
    yield* linearPlaces(`${block}.ff.net.2`, width, 4 * width);
    yield* linearPlaces(`${path}.proj_out`, width, width);
  }
}
