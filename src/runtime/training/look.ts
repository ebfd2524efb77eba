/**
 * Learns the look of clips apart from their movement, as MotionDirector does (Zhao et al. 2023, arXiv 2310.08465): a LoRA of the UNet
 * learns single frames, stays fixed while a motion LoRA learns the clips, and is then dropped. What the look explains, the motion LoRA
 * need not learn.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Parameters } from "../../core/training/parameters.ts";
import { loraFactors } from "../../graph/trained-layers.ts";
import type { LowRankDelta } from "../../models/lora/match.ts";
import { withChanges } from "../../models/lora/merge.ts";
import type { Component, UnetConfig } from "../../models/types.ts";
import { formatPartKey, parsePartKey } from "../engine/shard-names.ts";
import type { Teachable } from "./teachable.ts";

/** The UNet with what a LoRA learned merged into its weights. */
export function withLook(unet: Component<UnetConfig>, { unet: { weights }, parameters }: Teachable): Component<UnetConfig> {
  const { ranks, scale } = weights.trained!;
  const changes = [...ranks].map(
    ([key, rank]) => [key, [{ delta: deltaOf(key, rank, scale, parameters), strength: 1 }]] as const,
  );
  return { ...unet, weights: withChanges(unet.weights, new Map(changes)) };
}

/** Key of a UNet whose weights hold the look, so that those of another look, or of none, are not taken for them. */
export function lookKey(unetKey: string, { parameters }: Pick<Teachable, "parameters">): string {
  const { loras, ...part } = parsePartKey(unetKey);
  const merged = sha256.create().update(utf8ToBytes(loras ?? ""));
  for (const { data } of parameters.values()) merged.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return formatPartKey({ ...part, loras: bytesToHex(merged.digest()).slice(0, 32) });
}

function deltaOf(key: string, rank: number, scale: number, parameters: Parameters): LowRankDelta {
  const names = loraFactors(key);
  const [down, up] = [parameters.get(names.down)!.data, parameters.get(names.up)!.data];
  return {
    component: "unet",
    key,
    block: null,
    form: "low-rank",
    rank,
    scale,
    outSize: up.length / rank,
    inSize: down.length / rank,
    read: async () => ({ up: up.slice(), down: down.slice() }),
  };
}
