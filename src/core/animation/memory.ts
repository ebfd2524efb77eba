/**
 * Estimates the memory that an animation needs before it is made, and finds a change that makes it fit. The bytes of values come
 * from the graphs (`bench/fits.ts`); the overhead of kernels and allocator was measured as the peak of a process on the processor:
 * SD 1.5 at q8 with 2, 8 and 16 frames of 256², Mini at fp32 with 16 frames of 128², 256² and 384² (docs/performance.md).
 * The estimate only drives warnings and the choice of tiles, with one exception: it blocks retrying a step at full precision.
 */

import type { Precision } from "../settings/render-settings.ts";
import { sizeSettings } from "../settings/size.ts";

/** WebAssembly has 32-bit addresses. */
export const wasmLimitBytes = 4 * 2 ** 30;

/** Taken by onnxruntime, the graphs and what remains of the text encoder. */
const baseBytes = 310e6;

/** Counted from the graph, per frame seen at once, latent position and channel of the UNet's first level. */
const unetBytesPerChannel = 58;
/** Measured on top of it, per channel too: scratch memory of kernels and allocator. Convolutions as nine slices (q8, q4) need more. */
const scratchBytesPerChannel: Readonly<Record<Precision, number>> = { fp32: 10, fp16: 10, q8: 73, q4: 73 };
/** Counted from the graph, per pixel of the one frame that is decoded and channel of the VAE's last level. */
const vaeBytesPerChannel = 24;

/** Latent positions on a tile's side, best first: every tile has its own norm statistics, so larger tiles deviate less. */
const tileSides = [96, 64, 48, 32];

/**
 * Average while running, over UNet, motion module and VAE of SD 1.5: counted, plus 0.08 at 8 and 4 bits for packing. The processor
 * widens half precision to fp32.
 */
const bytesPerParameter: Readonly<Record<Precision, number>> = { fp32: 4, fp16: 4, q8: 1.33, q4: 1.15 };

export interface ModelSize {
  /** Of UNet, motion module and VAE together. The text encoder is freed before they run. */
  readonly parameters: number;
  /** Precision that they run at. */
  readonly precision: Precision;
  /** Channels of the UNet's first level: 320 for SD 1.x, 64 for Mini. */
  readonly firstWidth: number;
  /** Channels of the VAE's outermost level: 128 for SD 1.x, 16 for Mini. */
  readonly vaeWidth: number;
  /** Pixels along the side of one latent position: 8 for SD 1.x. */
  readonly vaeFactor: number;
}

export interface ClipShape {
  readonly frames: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** The most frames that the UNet sees at once. */
  readonly contextLength: number;
}

export interface MemoryPlan {
  /** Latent positions on the side of the tiles that frames are decoded in; null: each frame whole. */
  readonly decodeTile: number | null;
  /** A sentence for the person that explains the plan; null when frames are decoded whole. */
  readonly reason: string | null;
}

/** Chooses how to decode within `limitBytes`. Nothing else can be traded: the two guidance calls and chunks of attention already run one by one. */
export function planMemory(shape: ClipShape, model: ModelSize, limitBytes: number): MemoryPlan {
  const left = limitBytes - baseBytes - weightBytes(model);
  const whole = decodingBytes(shape.width * shape.height, model);
  if (whole <= left) return { decodeTile: null, reason: null };
  const fitting = tileSides.find((side) => decodingBytes((model.vaeFactor * side) ** 2, model) <= left);
  const decodeTile = fitting ?? tileSides.at(-1)!;
  const tilePixels = model.vaeFactor * decodeTile;
  if (tilePixels >= Math.max(shape.width, shape.height)) return { decodeTile: null, reason: null };
  return {
    decodeTile,
    reason: `Frames are decoded in tiles of ${tilePixels} pixels: a whole one would take ${gigabytes(whole)} GB of memory beside the model, and ${left > 0 ? `${gigabytes(left)} GB are` : "none is"} left.`,
  };
}

/**
 * Bytes of a graphics card's buffers if onnxruntime keeps freed ones for later values of the same size: per frame, latent position and
 * channel of the UNet's first level, and per pixel and channel of the VAE's last. Counted on a card's buffers (`bench/gpu-memory.ts`).
 * @param fp16 whether the UNet computes in fp16
 */
export function keptOnCardBytes({ frames, width, height, contextLength }: ClipShape, model: ModelSize, fp16: boolean): number {
  const positions = Math.min(frames, contextLength) * latentArea(width, height, model);
  return positions * model.firstWidth * (fp16 ? 171 : 341) + width * height * model.vaeWidth * 103;
}

/** Peak of the whole process, in the phase that needs most. */
export function estimatedBytes(shape: ClipShape, model: ModelSize, { decodeTile }: Pick<MemoryPlan, "decodeTile">): number {
  const side = (pixels: number) => (decodeTile === null ? pixels : Math.min(pixels, model.vaeFactor * decodeTile));
  const decoding = decodingBytes(side(shape.width) * side(shape.height), model);
  return baseBytes + weightBytes(model) + Math.max(denoisingBytes(shape, model), decoding);
}

/** A setting to change so that the animation fits. */
export type Change = Pick<ModelSize, "precision"> | Pick<ClipShape, "width" | "height"> | Pick<ClipShape, "frames">;

/** Precisions with fewer bits, the finest first. */
const coarser: Readonly<Record<Precision, readonly Precision[]>> = {
  fp32: ["q8", "q4"],
  fp16: ["q8", "q4"],
  q8: ["q4"],
  q4: [],
};

/**
 * Finds one change that makes the animation fit: coarser weights, which leave the clip as it is; else a smaller picture of at least
 * half the width; else fewer frames. null if none of them suffices.
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
    const change = { width: allowedSide(shape.width * scale, model), height: allowedSide(shape.height * scale, model) };
    if (fits(change)) return change;
  }
  for (let frames = Math.min(shape.frames, shape.contextLength) - 1; frames >= 1; frames--) {
    if (fits({ frames })) return { frames };
  }
  return null;
}

/** Latent positions of a picture given in pixels. */
function latentArea(width: number, height: number, { vaeFactor }: ModelSize): number {
  return (width / vaeFactor) * (height / vaeFactor);
}

function weightBytes({ parameters, precision }: ModelSize): number {
  return parameters * bytesPerParameter[precision];
}

function denoisingBytes({ frames, width, height, contextLength }: ClipShape, model: ModelSize): number {
  const channels = Math.min(frames, contextLength) * latentArea(width, height, model) * model.firstWidth;
  return channels * (unetBytesPerChannel + scratchBytesPerChannel[model.precision]);
}

function decodingBytes(pixels: number, { vaeWidth }: ModelSize): number {
  return pixels * vaeWidth * vaeBytesPerChannel;
}

/** Rounds down to a side that both the settings and the VAE allow; their multiples are powers of two. */
function allowedSide(side: number, { vaeFactor }: ModelSize): number {
  const { min, multipleOf } = sizeSettings.width;
  const multiple = Math.max(multipleOf, vaeFactor);
  return Math.max(min, Math.floor(side / multiple) * multiple);
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
