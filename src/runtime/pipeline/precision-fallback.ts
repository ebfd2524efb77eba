/**
 * What gave values that are not numbers is computed again in a safer way: a UNet that computes in fp16 first in fp32, with the
 * weights it has; then everything at full precision. fp16 ends at 65504, in activations as in weights, and the arithmetic on 8 bits
 * follows its inputs; both are enough for nearly every model, and this is for the others.
 */

import { estimatedBytes } from "../../core/animation/memory.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { denoiserSize } from "../compose/model-size.ts";

type Denoise = (input: Float32Array, timestep: number) => Promise<Float32Array>;

export const STEP_IN_FP32 =
  "A step gave values that are not numbers. It is computed again with 32-bit arithmetic, and so are the steps after it; that takes more memory and time.";

export const STEP_IN_FULL =
  "A step gave values that are not numbers. It is computed again at full precision, and so are the steps after it; that takes more memory and time.";

export const PICTURE_IN_FULL =
  "The picture to begin with was encoded to values that are not numbers. It is encoded again at full precision.";

export function frameInFull(index: number): string {
  return `Frame ${index} came out as values that are not numbers. It is decoded again at full precision, and so are the frames after it.`;
}

/**
 * Before anything is converted for a step at full precision: SD 1.5 with a motion module takes more than WebAssembly can address.
 * @param memoryBytes null: nobody tells
 * @throws ZoetropeError `render/full-too-large`, not one of `device/`: the engine and its memory are as they were
 */
export function checkStepInFullFits(settings: RenderSettings, models: ModelSet, memoryBytes: number | null): void {
  const needed = estimatedBytes(settings, denoiserSize(models, "fp32"), { decodeTile: null });
  if (memoryBytes === null || needed <= memoryBytes) return;
  throw new ZoetropeError("render/full-too-large", {
    message: `A step gave values that are not numbers, and full precision would need about ${(needed / 1e9).toFixed(1)} GB of memory, more than a page can use on the processor.`,
    hint: "Lower the weights of the LoRAs or choose another checkpoint; the command line renders this one with --precision fp32, given the memory.",
  });
}

/** `denoise` until its result is not finite; that call again by what the first of `safer` opens, and all later ones; and so on. */
export function orSafer(denoise: Denoise, safer: readonly (() => Promise<Denoise>)[]): Denoise {
  let current = denoise;
  const left = [...safer];
  return async (input, timestep) => {
    for (;;) {
      try {
        return await current(input, timestep);
      } catch (thrown) {
        const open = isNotFinite(thrown) ? left.shift() : undefined;
        if (open === undefined) throw thrown;
        current = await open();
      }
    }
  };
}

export function isNotFinite(thrown: unknown): boolean {
  return thrown instanceof ZoetropeError && thrown.code === "render/not-finite";
}
