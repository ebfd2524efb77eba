/** Rough pictures straight from latents, without the VAE: one colour for each latent place. */

import type { PreviewMap } from "../../models/model-family.ts";

/** latents [F, C, h, w] -> RGBA of all frames, one after another. */
export function previewRgba(latents: Float32Array, frames: number, { matrix, bias }: PreviewMap): Uint8ClampedArray<ArrayBuffer> {
  const channels = matrix[0]!.length;
  const area = latents.length / (frames * channels);
  const rgba = new Uint8ClampedArray(frames * area * 4);
  for (let f = 0; f < frames; f++) {
    for (let i = 0; i < area; i++) {
      const at = (f * area + i) * 4;
      for (let colour = 0; colour < 3; colour++) {
        let value = bias[colour]!;
        for (let c = 0; c < channels; c++) value += matrix[colour]![c]! * latents[(f * channels + c) * area + i]!;
        rgba[at + colour] = (value / 2 + 0.5) * 255;
      }
      rgba[at + 3] = 255;
    }
  }
  return rgba;
}
