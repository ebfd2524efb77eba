/**
 * The diffusion loss (Ho et al. 2020): a network sees √ᾱ·x0 + √(1-ᾱ)·noise and is to tell the noise (epsilon) or
 * v = √ᾱ·noise - √(1-ᾱ)·x0 (Salimans & Ho 2022). The loss is the mean squared difference.
 */

import type { PredictionType } from "../diffusion/prediction.ts";

/** Samples of equal length, one after the other, each with its own timestep. */
export interface NoisedBatch {
  readonly noisy: Float32Array;
  readonly target: Float32Array;
}

/**
 * @param latents of all samples, in the model's scale
 * @param noise as long, of unit variance
 * @param timesteps one for each sample
 * @param alphaBar of every training timestep
 */
export function noised(
  latents: Float32Array,
  noise: Float32Array,
  timesteps: readonly number[],
  alphaBar: Float32Array,
  prediction: PredictionType,
): NoisedBatch {
  const [noisy, target] = [new Float32Array(latents.length), new Float32Array(latents.length)];
  const length = latents.length / timesteps.length;
  for (const [sample, timestep] of timesteps.entries()) {
    const signal = Math.fround(Math.sqrt(alphaBar[timestep]!));
    const amount = Math.fround(Math.sqrt(Math.fround(1 - alphaBar[timestep]!)));
    for (let i = sample * length; i < (sample + 1) * length; i++) {
      noisy[i] = signal * latents[i]! + amount * noise[i]!;
      target[i] = prediction === "epsilon" ? noise[i]! : signal * noise[i]! - amount * latents[i]!;
    }
  }
  return { noisy, target };
}

export interface LossWeighting {
  readonly prediction: PredictionType;
  /** Of every training timestep. */
  readonly alphaBar: Float32Array;
  /** null: every sample counts the same. Else the first half of a batch shows the subject and the second half its class. */
  readonly priorWeight: number | null;
  /** Bound of the ratio of signal to noise; 0: none. */
  readonly minSnr: number;
}

/**
 * Factor of each sample's mean squared difference in the loss. With a prior weight the class's mean loss is added to the subject's
 * (DreamBooth, Ruiz et al. 2023). Min-SNR (Hang et al. 2023, arXiv 2303.09556): min(SNR, bound) / SNR for epsilon, / (SNR + 1) for v.
 */
export function sampleWeights(timesteps: readonly number[], weighting: LossWeighting): Float32Array {
  const { prediction, alphaBar, priorWeight, minSnr } = weighting;
  const batch = timesteps.length;
  return Float32Array.from(timesteps, (timestep, i) => {
    const share = priorWeight === null ? 1 / batch : (i < batch / 2 ? 1 : priorWeight) / (batch / 2);
    if (minSnr === 0) return share;
    const snr = alphaBar[timestep]! / (1 - alphaBar[timestep]!);
    return (share * Math.min(snr, minSnr)) / (prediction === "epsilon" ? snr : snr + 1);
  });
}
