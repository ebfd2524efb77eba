/**
 * DDIM inversion (Song et al. 2020, arXiv 2010.02502, section 4.3; Dhariwal & Nichol 2021, appendix F): walks DDIM's steps backwards,
 * from clean latents to the noise from which DDIM draws them again. Follows diffusers' DDIMInverseScheduler.
 */

import type { PredictionType } from "./prediction.ts";

export interface Inversion {
  /** ᾱ of every timestep of the training. */
  readonly alphaBar: ArrayLike<number>;
  readonly steps: number;
  readonly prediction: PredictionType;
}

/** Timesteps of DDIM with leading spacing and an offset of 1, in ascending order. */
export function inversionTimesteps(trained: number, steps: number): number[] {
  const stride = Math.floor(trained / steps);
  return Array.from({ length: steps }, (_, i) => Math.min(i * stride + 1, trained - 1));
}

/**
 * @param predict the network's output for latents at a timestep
 * @returns the noise, of the latents' length
 */
export async function invert(
  predict: (latents: Float32Array, timestep: number) => Promise<Float32Array>,
  latents: Float32Array,
  { alphaBar, steps, prediction }: Inversion,
): Promise<Float32Array> {
  const stride = Math.floor(alphaBar.length / steps);
  let x = latents;
  for (const timestep of inversionTimesteps(alphaBar.length, steps)) {
    const before = Math.max(0, timestep - stride);
    const [signal, noise] = [Math.sqrt(alphaBar[before]!), Math.sqrt(1 - alphaBar[before]!)];
    const [nextSignal, nextNoise] = [Math.sqrt(alphaBar[timestep]!), Math.sqrt(1 - alphaBar[timestep]!)];
    const output = await predict(x, timestep);
    x = x.map((xi, i) => {
      const epsilon = prediction === "epsilon" ? output[i]! : signal * output[i]! + noise * xi;
      const clean = prediction === "epsilon" ? (xi - noise * epsilon) / signal : signal * xi - noise * output[i]!;
      return nextSignal * clean + nextNoise * epsilon;
    });
  }
  return x;
}
