/** How graphs are built for a device: the attention form, block lengths and pieces that suit it, and what the UNet computes in. */

import type { Precision } from "../../core/settings/render-settings.ts";
import type { GraphStyle } from "../../graph/style.ts";
import type { Backend } from "./backend.ts";

/** Attention scores in memory at a time: 256 MB of fp32. */
const MAX_SCORES = 64 * 2 ** 20;
/** 8 MB of fp32; smaller pieces save nothing more (docs/performance.md). */
const MAX_HIDDEN = 2 * 2 ** 20;
/** 128 MB of fp32. Smaller pieces save some more (docs/performance.md), but each piece is a dispatch of its own on a graphics card. */
const MAX_HIDDEN_ON_CARD = 32 * 2 ** 20;

/** What the UNet computes in: the fastest type that is right on the device, or fp32 whatever type its weights are stored in. */
export type Arithmetic = "fastest" | "float32";

type StyledBackend = Pick<Backend, "kind" | "attention" | "fp16" | "tuning">;

export function graphStyle({ kind, attention, tuning = {} }: StyledBackend, precision: Precision): GraphStyle {
  if (kind === "webgpu") {
    // On a graphics card fused attention never holds its scores; a processor's may: 16 frames of 64×64 latents have 8.6 GB of them.
    const scores = attention === "fused" ? {} : { maxScores: MAX_SCORES };
    // onnxruntime has no Scan on a graphics card.
    return { precision, attention, ...scores, maxHidden: MAX_HIDDEN_ON_CARD, chunking: "unrolled", ...tuning };
  }
  // Only native kernels gain by long blocks. WebAssembly keeps short ones, so that a page that changes between graphics card and
  // processor reads the same shards.
  return { precision, attention, longBlocks: kind === "cpu", maxScores: MAX_SCORES, maxHidden: MAX_HIDDEN };
}

/**
 * Pieces as large as a buffer of the card may be: fewer nodes and larger products, for more memory. Not the default, because no browser
 * says how much memory a card has.
 */
export function largestPieces({ maxStorageBufferBindingSize, maxBufferSize }: PieceLimits): Pick<GraphStyle, "maxHidden"> {
  return { maxHidden: Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 4) };
}

type PieceLimits = Pick<GPUSupportedLimits, "maxStorageBufferBindingSize" | "maxBufferSize">;

/** The UNet takes most of the time and memory, so it alone computes in fp16 where that is right. */
export function unetStyle(backend: StyledBackend, precision: Precision, arithmetic: Arithmetic): GraphStyle {
  const style = graphStyle(backend, precision);
  return arithmetic === "fastest" && computesInFp16(backend, precision) ? { ...style, compute: "float16" } : style;
}

/** Whether "fastest" means fp16 for a UNet with weights of this precision. */
export function computesInFp16({ fp16 }: Pick<Backend, "fp16">, precision: Precision): boolean {
  return fp16 && precision !== "fp32";
}
