/** The UNet as the sampler sees it: latents of the whole clip in, guided prediction out. Windows and guidance halves run one after another. */

import type { Window } from "../../core/animation/windows.ts";
import { guide, isGuided, rescaleGuidance } from "../../core/diffusion/guidance.ts";
import { timeProjection } from "../../graph/unet.ts";
import { floatOutput, floats, type Session } from "../engine/backend.ts";
import { type AttentionContext, contextInputs } from "./attention-context.ts";
import type { Residuals } from "./control.ts";
import type { DeepFeatures } from "./deep-features.ts";
import { notFinite } from "./precision-ladder.ts";

/** The network after guidance. Input and output [F, C, h, w]. `call` counts the calls of one sampling from 0. */
export type Denoise = (input: Float32Array, timestep: number, call: number) => Promise<Float32Array>;

/** Step caching: between full calls, `shallow` computes the outer layers only, on what the last full call found deeper. */
export interface StepCaching {
  /** The UNet in its shallow form; the denoiser's own session has the full one (`StepCacheForm`). */
  readonly shallow: Session;
  readonly features: DeepFeatures;
}

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
  /** Where in the noise guidance applies, see `isGuided`. */
  readonly guidanceInterval: { readonly start: number; readonly end: number };
  /** null: every call is full. */
  readonly stepCaching: StepCaching | null;
  /** Residuals of the control models; null without any. */
  readonly residuals: Residuals | null;
  readonly signal: AbortSignal;
}

/** @throws ZoetropeError `render/not-finite` and the signal's reason, from each call */
export function createDenoiser(options: DenoiserOptions): Denoise {
  const { cond, uncond, cfgScale, guidanceRescale, guidanceInterval } = options;
  return async (input, timestep, call) => {
    if (call === 0) options.stepCaching?.features.clear();
    const at = { input, timestep, call };
    const guided = uncond !== null && isGuided(timestep, guidanceInterval);
    const base = guided ? await predict(options, "uncond", uncond, at) : null;
    const prompted = await predict(options, "cond", cond, at);
    if (base === null) return prompted;
    const steered = guide(base, prompted, cfgScale);
    return guidanceRescale === 0 ? steered : rescaleGuidance(steered, prompted, guidanceRescale);
  };
}

/** One guidance half: every window by itself, predictions averaged by their weights where windows overlap. */
async function predict(
  options: DenoiserOptions,
  half: "cond" | "uncond",
  context: AttentionContext,
  { input, timestep, call }: { readonly input: Float32Array; readonly timestep: number; readonly call: number },
): Promise<Float32Array> {
  const { session, stepCaching, frames, frameShape, windows, windowWeights, timeChannels, residuals, signal } = options;
  const perFrame = frameShape.reduce((a, b) => a * b, 1);
  const time = floats(timeProjection(timestep, timeChannels), [1, timeChannels]);
  const sum = new Float32Array(input.length);
  const covered = new Float64Array(frames);
  for (const { start, end } of windows) {
    signal.throwIfAborted();
    const sample = floats(input.subarray(start * perFrame, end * perFrame), [end - start, ...frameShape]);
    const seen = { half, start, call };
    const deep = stepCaching?.features.recall(seen) ?? null;
    const control =
      (await residuals?.(sample, time, { half, window: { start, end }, form: deep === null ? "full" : "shallow" })) ?? {};
    signal.throwIfAborted();
    const inputs = { sample, time, ...contextInputs(context, start, end), ...control };
    const outputs = deep === null ? await session.run(inputs) : await stepCaching!.shallow.run({ ...inputs, deep });
    if (deep === null) stepCaching?.features.keep(seen, outputs.deep!);
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
