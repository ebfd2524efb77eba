/** The UNet as the sampler sees it: latents of the whole clip in, guided prediction out, windows and guidance halves in turn. */

import type { Window } from "../../core/animation/windows.ts";
import { guide } from "../../core/diffusion/guidance.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { timeProjection } from "../../graph/unet.ts";
import { floatOutput, floats, type HostTensor, type Session } from "../engine/backend.ts";
import type { Residuals } from "./control.ts";

/** Keys and values of every cross-attention, by graph input name; [1 or frames, tokens, C] each. */
export type TextInputs = Readonly<Record<string, HostTensor>>;

export interface DenoiserOptions {
  /** A UNet built for `window` frames. */
  readonly session: Session;
  readonly frames: number;
  /** Latent shape of one frame, [4, h, w]. */
  readonly frameShape: readonly [number, number, number];
  readonly windows: readonly Window[];
  readonly timeChannels: number;
  readonly cond: TextInputs;
  /** null: no guidance. */
  readonly uncond: TextInputs | null;
  readonly cfgScale: number;
  /** Of control models; null without any. */
  readonly residuals: Residuals | null;
  readonly signal: AbortSignal;
}

/** @returns the network after guidance; input and output [F, 4, h, w] */
export function createDenoiser(options: DenoiserOptions): (input: Float32Array, timestep: number) => Promise<Float32Array> {
  const { cond, uncond, cfgScale } = options;
  return async (input, timestep) => {
    const base = uncond === null ? null : await predict(options, "uncond", uncond, input, timestep);
    const prompted = await predict(options, "cond", cond, input, timestep);
    return base === null ? prompted : guide(base, prompted, cfgScale);
  };
}

/** One guidance half: each window alone, predictions averaged where windows overlap. */
async function predict(
  options: DenoiserOptions,
  half: "cond" | "uncond",
  text: TextInputs,
  input: Float32Array,
  timestep: number,
): Promise<Float32Array> {
  const { session, frames, frameShape, windows, timeChannels, residuals, signal } = options;
  const perFrame = frameShape.reduce((a, b) => a * b, 1);
  const time = floats(timeProjection(timestep, timeChannels), [1, timeChannels]);
  const sum = new Float32Array(input.length);
  const covered = new Uint16Array(frames);
  for (const { start, end } of windows) {
    signal.throwIfAborted();
    const sample = floats(input.subarray(start * perFrame, end * perFrame), [end - start, ...frameShape]);
    const control = (await residuals?.(sample, time, half, { start, end })) ?? {};
    signal.throwIfAborted();
    const outputs = await session.run({ sample, time, ...textOfFrames(text, start, end), ...control });
    const prediction = floatOutput(outputs, "prediction");
    if (windows.length === 1) return finite(prediction);
    for (let i = 0; i < prediction.length; i++) sum[start * perFrame + i]! += prediction[i]!;
    for (let frame = start; frame < end; frame++) covered[frame]!++;
  }
  for (let i = 0; i < sum.length; i++) sum[i]! /= covered[Math.floor(i / perFrame)]!;
  return finite(sum);
}

/** Texts of single frames are cut to the window; a text for the whole clip stays. */
export function textOfFrames(text: TextInputs, start: number, end: number): TextInputs {
  return Object.fromEntries(
    Object.entries(text).map(([name, tensor]) => {
      const [batch, ...rest] = tensor.shape as [number, ...number[]];
      if (batch === 1 || tensor.type !== "float32") return [name, tensor];
      const each = rest.reduce((a, b) => a * b, 1);
      return [name, floats(tensor.data.subarray(start * each, end * each), [end - start, ...rest])];
    }),
  );
}

function finite(prediction: Float32Array): Float32Array {
  // A sum is finite unless a term is not (or the picture is lost anyway).
  let sum = 0;
  for (const x of prediction) sum += x;
  if (Number.isFinite(sum)) return prediction;
  throw new ZoetropeError("render/not-finite", {
    message: "The model's prediction contains values that are not numbers.",
    hint: "The checkpoint or a LoRA is damaged, or a LoRA's weight is far too high.",
  });
}
