/** TAESD of any width for tests, in diffusers' names. */

import { tinyLayers } from "../sd/tiny-vae.ts";
import type { TinyTensor } from "./tiny-files.ts";

/** Names and shapes of decoder and encoder. */
export function tinyVaeTensors(width: number): TinyTensor[] {
  return (["decoder", "encoder"] as const).flatMap((half) => {
    const [input, output] = half === "decoder" ? [4, 3] : [3, 4];
    const layers = tinyLayers(half);
    return layers.flatMap((kind, n): TinyTensor[] => {
      const path = `${half}.layers.${n}`;
      const kernel = [n === layers.length - 1 ? output : width, n === 0 ? input : width, 3, 3];
      if (kind === "block") return [0, 2, 4].flatMap((inner) => convolution(`${path}.conv.${inner}`, kernel));
      if (kind === "conv") return convolution(path, kernel);
      return kind === "bare" || kind === "downsample" ? [[`${path}.weight`, kernel]] : [];
    });
  });
}

function convolution(path: string, kernel: readonly number[]): TinyTensor[] {
  return [
    [`${path}.weight`, kernel],
    [`${path}.bias`, [kernel[0]!]],
  ];
}
