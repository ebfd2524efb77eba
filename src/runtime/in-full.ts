/**
 * What gave values that are not numbers is computed again at full precision. Weights at half precision end at 65504 and the
 * arithmetic on 8 bits follows its inputs; both are enough for nearly every model, and this is for the others.
 */

import { ZoetropeError } from "../core/errors.ts";

type Denoise = (input: Float32Array, timestep: number) => Promise<Float32Array>;

export const STEP_IN_FULL =
  "A step gave values that are not numbers. It is computed again at full precision, and so are the steps after it; that takes more memory and time.";

export function frameInFull(index: number): string {
  return `Frame ${index} came out as values that are not numbers. It is decoded again at full precision, and so are the frames after it.`;
}

/** `denoise` until its result is not finite; that call again by what `openInFull` gives, and all later ones. null: it is full precision already. */
export function orInFull(denoise: Denoise, openInFull: (() => Promise<Denoise>) | null): Denoise {
  let current = denoise;
  let left = openInFull;
  return async (input, timestep) => {
    try {
      return await current(input, timestep);
    } catch (thrown) {
      if (left === null || !(thrown instanceof ZoetropeError) || thrown.code !== "render/not-finite") throw thrown;
      const open = left;
      left = null;
      current = await open();
      return current(input, timestep);
    }
  };
}
