/** Classifier-free guidance (Ho & Salimans 2022). */

import { weightedSum } from "./latents.ts";

/** uncond + scale · (cond - uncond). A scale of 1 is `cond` itself: callers then need no unconditional pass at all. */
export function guide(uncond: Float32Array, cond: Float32Array, scale: number): Float32Array<ArrayBuffer> {
  return weightedSum([1 - scale, uncond], [scale, cond]);
}
