/** The UNet as the sampler sees it: latents of the whole clip in, guided prediction out. Windows and guidance halves run one after another. */

import { framesIn, type Window } from "../../core/animation/windows.ts";
import { guide, rescaleGuidance } from "../../core/diffusion/guidance.ts";
import { timeProjection } from "../../graph/unet.ts";
import { floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import { type AttentionContext, contextInputs, type StageContext } from "./attention-context.ts";
import type { Progress, Residuals } from "./control.ts";
import { notFinite } from "./precision-ladder.ts";

/** The network after guidance. Input and output [F, C, h, w]. */
export type Denoise = (input: Float32Array, timestep: number, call: Call) => Promise<Float32Array>;

/** A call of the network for a clip; one that is repeated more precisely stays the same. */
export interface Call {
  /** Counts the calls, from 0. */
  readonly index: number;
  /** Of the sampler, from 0; some samplers call more than once in a step. */
  readonly step: number;
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
  readonly timeChannels: number;
  /** Of each stage of the prompts. */
  readonly contexts: readonly StageContext[];
  /** The stage of each step. */
  readonly stageOf: readonly number[];
  readonly cfgScale: number;
  /** In [0, 1]: takes the contrast back that guidance adds. */
  readonly guidanceRescale: number;
  /** Residuals of the control models; null without any. */
  readonly residuals: Residuals | null;
  readonly signal: AbortSignal;
}

/** @throws ZoetropeError `render/not-finite` and the signal's reason, from each call */
export function createDenoiser(options: DenoiserOptions): Denoise {
  const { contexts, stageOf, cfgScale, guidanceRescale } = options;
  return async (input, timestep, call) => {
    const windows = options.windows(call);
    const stage = stageOf[call.step]!;
    const { cond, uncond } = contexts[stage]!;
    const progress = { step: call.step, steps: stageOf.length };
    const inputs = { windows, stage, progress, input, timestep };
    const base = uncond === null ? null : await predict(options, { ...inputs, half: "uncond", context: uncond });
    const prompted = await predict(options, { ...inputs, half: "cond", context: cond });
    if (base === null) return prompted;
    const guided = guide(base, prompted, cfgScale);
    return guidanceRescale === 0 ? guided : rescaleGuidance(guided, prompted, guidanceRescale);
  };
}

interface HalfInputs {
  readonly half: "cond" | "uncond";
  readonly context: AttentionContext;
  readonly windows: readonly Window[];
  readonly stage: number;
  readonly progress: Progress;
  readonly input: Float32Array;
  readonly timestep: number;
}

/** One guidance half: every window by itself, predictions averaged by their weights where windows overlap. */
async function predict(options: DenoiserOptions, inputs: HalfInputs): Promise<Float32Array> {
  const { half, context, windows, stage, progress, input, timestep } = inputs;
  const { session, frames, frameShape, windowWeights, fixedInputs, timeChannels, residuals, signal } = options;
  const perFrame = frameShape.reduce((a, b) => a * b, 1);
  const time = floats(timeProjection(timestep, timeChannels), [1, timeChannels]);
  const sum = new Float32Array(input.length);
  const covered = new Float64Array(frames);
  for (const window of windows) {
    const { start, end } = window;
    signal.throwIfAborted();
    const sample = floats(framesIn(window, input, perFrame), [end - start, ...frameShape]);
    const control = (await residuals?.(sample, time, { half, stage, window, progress })) ?? {};
    signal.throwIfAborted();
    const outputs = await session.run({ sample, time, ...fixedInputs, ...contextInputs(context, window), ...control });
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
