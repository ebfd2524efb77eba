/** The UNet as the sampler sees it: latents of the whole clip in, guided prediction out. Windows and guidance halves run one after another. */

import type { Window } from "../../core/animation/windows.ts";
import { guide, rescaleGuidance } from "../../core/diffusion/guidance.ts";
import { timeProjection } from "../../graph/unet.ts";
import { floatOutput, floats, type Session } from "../engine/backend.ts";
import { type AttentionContext, contextInputs } from "./attention-context.ts";
import type { Residuals } from "./control.ts";
import { notFinite } from "./precision-ladder.ts";

/** The network after guidance. Input and output [F, C, h, w]. */
export type Denoise = (input: Float32Array, timestep: number) => Promise<Float32Array>;

export interface DenoiserOptions {
  /** A UNet built for as many frames as a window has. */
  readonly session: Session;
  readonly frames: number;
  /** Latent shape of one frame, [C, h, w]. */
  readonly frameShape: readonly [number, number, number];
  readonly windows: readonly Window[];
  /** What each frame of a window counts where windows overlap. */
  readonly windowWeights: readonly number[];
  readonly timeChannels: number;
  readonly cond: AttentionContext;
  /** null: no guidance. */
  readonly uncond: AttentionContext | null;
  readonly cfgScale: number;
  /** In [0, 1]: takes the contrast back that guidance adds. */
  readonly guidanceRescale: number;
  /** Residuals of the control models; null without any. */
  readonly residuals: Residuals | null;
  readonly signal: AbortSignal;
}

/** @throws ZoetropeError `render/not-finite` and the signal's reason, from each call */
export function createDenoiser(options: DenoiserOptions): Denoise {
  const { cond, uncond, cfgScale, guidanceRescale } = options;
  return async (input, timestep) => {
    const base = uncond === null ? null : await predict(options, "uncond", uncond, input, timestep);
    const prompted = await predict(options, "cond", cond, input, timestep);
    if (base === null) return prompted;
    const guided = guide(base, prompted, cfgScale);
    return guidanceRescale === 0 ? guided : rescaleGuidance(guided, prompted, guidanceRescale);
  };
}

/** One guidance half: every window by itself, predictions averaged by their weights where windows overlap. */
async function predict(
  options: DenoiserOptions,
  half: "cond" | "uncond",
  context: AttentionContext,
  input: Float32Array,
  timestep: number,
): Promise<Float32Array> {
  const { session, frames, frameShape, windows, windowWeights, timeChannels, residuals, signal } = options;
  const perFrame = frameShape.reduce((a, b) => a * b, 1);
  const time = floats(timeProjection(timestep, timeChannels), [1, timeChannels]);
  const sum = new Float32Array(input.length);
  const covered = new Float64Array(frames);
  for (const { start, end } of windows) {
    signal.throwIfAborted();
    const sample = floats(input.subarray(start * perFrame, end * perFrame), [end - start, ...frameShape]);
    const control = (await residuals?.(sample, time, half, { start, end })) ?? {};
    signal.throwIfAborted();
    const outputs = await session.run({ sample, time, ...contextInputs(context, start, end), ...control });
    const prediction = floatOutput(outputs, "prediction");
    if (windows.length === 1) return finite(prediction);
    for (let i = 0; i < prediction.length; i++) {
      sum[start * perFrame + i]! += prediction[i]! * windowWeights[Math.floor(i / perFrame)]!;
    }
    for (let frame = start; frame < end; frame++) covered[frame]! += windowWeights[frame - start]!;
  }
  for (let i = 0; i < sum.length; i++) sum[i]! /= covered[Math.floor(i / perFrame)]!;
  return finite(sum);
}

function finite(prediction: Float32Array): Float32Array {
  // One sum instead of a test per value: it is finite exactly when its terms are, unless they are so large that the picture is lost.
  let sum = 0;
  for (const x of prediction) sum += x;
  if (Number.isFinite(sum)) return prediction;
  throw notFinite(
    "The model's prediction contains values that are not numbers.",
    "The checkpoint or a LoRA is damaged, or a LoRA's weight is far too high.",
  );
}
