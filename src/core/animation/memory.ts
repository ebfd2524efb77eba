/**
 * The memory that an animation takes, judged before it is made, and what is traded for it where it would not suffice.
 * The values alive together are counted from the graphs (`bench/fits.ts`). What is held besides was measured as the peak of a
 * process on the processor: SD 1.5 at q8 with 2, 8 and 16 frames of 256², Mini at fp32 with 16 frames of 128², 256² and 384²
 * (docs/performance.md). It is an estimate to warn and to choose by; because of it only a step is
 * not computed again at full precision (runtime/in-full.ts).
 */

import type { Precision } from "../settings/render-settings.ts";

/** 32-bit addresses. */
export const wasmLimitBytes = 4 * 2 ** 30;

/** onnxruntime, graphs and the text encoder's part. */
const baseBytes = 310e6;
/** Counted, for each frame seen at once, place of the latent picture and channel of the UNet's first level. */
const unetBytesPerChannel = 58;
/** Measured besides, per channel as well: what kernels need for themselves and the allocator keeps; more where wide convolutions are nine slices. */
const heldPerChannel: Readonly<Record<Precision, number>> = { fp32: 10, fp16: 10, q8: 73, q4: 73 };
/** Counted, for each pixel of the one frame that is decoded and channel of the VAE's last level. */
const vaeBytesPerChannel = 24;

/** Places of the latent picture on a tile's side, best first: every tile has norms of its own, so larger ones are truer. */
const tileSides = [96, 64, 48, 32];

/** While running, over UNet, motion module and VAE of SD 1.5: counted, and at 8 and 4 bits 0.08 for what packing adds. The processor widens half precision. */
const bytesPerParameter: Readonly<Record<Precision, number>> = { fp32: 4, fp16: 4, q8: 1.33, q4: 1.15 };

export interface ModelSize {
  /** Of UNet, motion module and VAE; the text encoder is gone before they are needed. */
  readonly parameters: number;
  /** That they run at. */
  readonly precision: Precision;
  /** Of the UNet: 320 for SD 1.x, 64 for Mini. */
  readonly firstWidth: number;
  /** Of the VAE: 128 for SD 1.x, 16 for Mini. */
  readonly vaeWidth: number;
}

export interface ClipShape {
  readonly frames: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames seen at once at most. */
  readonly contextLength: number;
}

export interface MemoryPlan {
  /** Places of the latent picture on the side of the tiles to decode in; null: each frame whole. */
  readonly decodeTile: number | null;
  /** One sentence for the person; null: nothing is done differently. */
  readonly reason: string | null;
}

/** What is done to fit into `limitBytes`. Guidance halves and an attention's pieces come in turn at any size. */
export function planMemory(shape: ClipShape, model: ModelSize, limitBytes: number): MemoryPlan {
  const left = limitBytes - baseBytes - weightBytes(model);
  const whole = decodingBytes(shape.width * shape.height, model);
  if (whole <= left) return { decodeTile: null, reason: null };
  const fitting = tileSides.find((side) => decodingBytes((8 * side) ** 2, model) <= left);
  const decodeTile = fitting ?? tileSides.at(-1)!;
  if (8 * decodeTile >= Math.max(shape.width, shape.height)) return { decodeTile: null, reason: null };
  return {
    decodeTile,
    reason: `Frames are decoded in tiles of ${8 * decodeTile} pixels: a whole one would take ${gigabytes(whole)} GB of memory beside the model, and ${left > 0 ? `${gigabytes(left)} GB are` : "none is"} left.`,
  };
}

/**
 * Bytes that a graphics card would hold for values if they were kept for the next ones of their size, as onnxruntime does: per frame, place
 * and channel of the UNet's first level, and per pixel and channel of the VAE's last. Counted on a card's buffers (`bench/gpu-memory.ts`).
 * @param fp16 whether the UNet computes in fp16
 */
export function keptOnCardBytes({ frames, width, height, contextLength }: ClipShape, model: ModelSize, fp16: boolean): number {
  const places = Math.min(frames, contextLength) * (width / 8) * (height / 8);
  return places * model.firstWidth * (fp16 ? 171 : 341) + width * height * model.vaeWidth * 103;
}

/** At the stage that takes most. */
export function estimatedBytes(shape: ClipShape, model: ModelSize, { decodeTile }: Pick<MemoryPlan, "decodeTile">): number {
  const side = (pixels: number) => (decodeTile === null ? pixels : Math.min(pixels, 8 * decodeTile));
  const decoding = decodingBytes(side(shape.width) * side(shape.height), model);
  return baseBytes + weightBytes(model) + Math.max(denoisingBytes(shape, model), decoding);
}

/** What is asked for otherwise. */
export type Change = Pick<ModelSize, "precision"> | Pick<ClipShape, "width" | "height"> | Pick<ClipShape, "frames">;

/** Weights of fewer bits, the finest first. */
const coarser: Readonly<Record<Precision, readonly Precision[]>> = {
  fp32: ["q8", "q4"],
  fp16: ["q8", "q4"],
  q8: ["q4"],
  q4: [],
};

/**
 * The one change that would make it fit: coarser weights, which leave the clip as it is; else a smaller picture if that stays at
 * least half as wide; else fewer frames; null if none of them does.
 */
export function changeThatFits(shape: ClipShape, model: ModelSize, limitBytes: number): Change | null {
  const fits = (change: Change) => {
    const [changed, size] = [
      { ...shape, ...change },
      { ...model, ...change },
    ];
    return estimatedBytes(changed, size, planMemory(changed, size, limitBytes)) <= limitBytes;
  };
  for (const precision of coarser[model.precision]) if (fits({ precision })) return { precision };
  for (let scale = 0.95; scale >= 0.5; scale -= 0.05) {
    const change = { width: toEight(shape.width * scale), height: toEight(shape.height * scale) };
    if (fits(change)) return change;
  }
  for (let frames = Math.min(shape.frames, shape.contextLength) - 1; frames >= 1; frames--) {
    if (fits({ frames })) return { frames };
  }
  return null;
}

function weightBytes({ parameters, precision }: ModelSize): number {
  return parameters * bytesPerParameter[precision];
}

function denoisingBytes({ frames, width, height, contextLength }: ClipShape, { firstWidth, precision }: ModelSize): number {
  const channels = Math.min(frames, contextLength) * (width / 8) * (height / 8) * firstWidth;
  return channels * (unetBytesPerChannel + heldPerChannel[precision]);
}

function decodingBytes(pixels: number, { vaeWidth }: ModelSize): number {
  return pixels * vaeWidth * vaeBytesPerChannel;
}

function toEight(side: number): number {
  return Math.max(64, Math.floor(side / 8) * 8);
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
