/** The UNet as the sampler sees it: latents of the whole clip in, guided prediction out. Windows and guidance halves run one after another. */

import type { PerFrame } from "../../core/animation/clip-lanes.ts";
import { framesIn, type Window } from "../../core/animation/windows.ts";
import { guide, isGuided, rescaleGuidance } from "../../core/diffusion/guidance.ts";
import { timeProjection } from "../../graph/unet.ts";
import { floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import { type AttentionContext, contextInputs, framesOf, type StageContext } from "./attention-context.ts";
import type { Progress, Residuals } from "./control.ts";
import type { DeepFeatures } from "./deep-features.ts";
import { notFinite } from "./precision-ladder.ts";

/** The network after guidance. Input and output [F, C, h, w]. */
export type Denoise = (input: Float32Array, timestep: number, call: Call) => Promise<Float32Array>;

/** A call of the network; one that is repeated more precisely stays the same. */
export interface Call {
  /** Counts the calls of one sampling, from 0. */
  readonly index: number;
  /** Of the sampler, from 0; some samplers call more than once in a step. */
  readonly step: number;
}

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
  /** The windows of a call. */
  readonly windows: (call: Call) => readonly Window[];
  /** What each frame of a window counts where windows overlap. */
  readonly windowWeights: readonly number[];
  /** Inputs that are the same in every call. */
  readonly fixedInputs: Readonly<Record<string, HostTensor>>;
  /** Inputs of which every call gets its window's frames, [F, …] each. */
  readonly frameInputs: Readonly<Record<string, HostTensor>>;
  readonly timeChannels: number;
  /** Of each stage of the prompts. */
  readonly contexts: readonly StageContext[];
  /** The stage of each step. */
  readonly stageOf: readonly number[];
  /** One for the clip, or one for each frame. */
  readonly cfgScale: PerFrame;
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
  const { contexts, stageOf, cfgScale, guidanceRescale, guidanceInterval } = options;
  return async (input, timestep, call) => {
    if (call.index === 0) options.stepCaching?.features.clear();
    const windows = options.windows(call);
    const stage = stageOf[call.step]!;
    const { cond, uncond } = contexts[stage]!;
    const inputs = { windows, stage, call, input, timestep };
    const guided = uncond !== null && isGuided(timestep, guidanceInterval);
    const base = guided ? await predict(options, { ...inputs, half: "uncond", context: uncond }) : null;
    const prompted = await predict(options, { ...inputs, half: "cond", context: cond });
    if (base === null) return prompted;
    const steered = guide(base, prompted, cfgScale);
    return guidanceRescale === 0 ? steered : rescaleGuidance(steered, prompted, guidanceRescale);
  };
}

interface HalfInputs {
  readonly half: "cond" | "uncond";
  readonly context: AttentionContext;
  readonly windows: readonly Window[];
  readonly stage: number;
  readonly call: Call;
  readonly input: Float32Array;
  readonly timestep: number;
}

/** One guidance half: every window by itself, predictions averaged by their weights where windows overlap. */
async function predict(options: DenoiserOptions, wanted: HalfInputs): Promise<Float32Array> {
  const { half, context, windows, stage, call, input, timestep } = wanted;
  const { session, stepCaching, frames, frameShape, windowWeights, fixedInputs, frameInputs, timeChannels, residuals, signal } =
    options;
  const progress: Progress = { step: call.step, steps: options.stageOf.length };
  const perFrame = frameShape.reduce((a, b) => a * b, 1);
  const time = floats(timeProjection(timestep, timeChannels), [1, timeChannels]);
  const sum = new Float32Array(input.length);
  const covered = new Float64Array(frames);
  for (const window of windows) {
    const { start, end } = window;
    signal.throwIfAborted();
    const sample = floats(framesIn(window, input, perFrame), [end - start, ...frameShape]);
    const seen = { half, start, call: call.index };
    const deep = stepCaching?.features.recall(seen) ?? null;
    const form = deep === null ? "full" : "shallow";
    const control = (await residuals?.(sample, time, { half, stage, window, progress, form })) ?? {};
    signal.throwIfAborted();
    const inputs = {
      sample,
      time,
      ...fixedInputs,
      ...inputsOf(frameInputs, window),
      ...contextInputs(context, window),
      ...control,
    };
    const outputs = deep === null ? await session.run(inputs) : await stepCaching!.shallow.run({ ...inputs, deep });
    if (deep === null) stepCaching?.features.keep(seen, outputs.deep!);
    const prediction = floatOutput(outputs, "prediction");
    if (windows.length === 1 && start === 0) return finite(prediction);
    for (let i = 0; i < prediction.length; i++) {
      sum[(start * perFrame + i) % sum.length]! += prediction[i]! * windowWeights[Math.floor(i / perFrame)]!;
    }
    for (let frame = start; frame < end; frame++) covered[frame % frames]! += windowWeights[frame - start]!;
  }
  for (let i = 0; i < sum.length; i++) sum[i]! /= covered[Math.floor(i / perFrame)]!;
  return finite(sum);
}

function inputsOf(inputs: DenoiserOptions["frameInputs"], window: Window): Record<string, HostTensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, framesOf(tensor, window)]));
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
