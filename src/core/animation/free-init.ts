/**
 * FreeInit (Wu et al. 2023, arXiv 2312.07537): the clip is sampled several times, each time from noise whose low frequencies come from
 * the last result, so that movement grows steadier. Filters as in diffusers: order 4, both stop frequencies 0.25.
 */

import type { LatentShape } from "../diffusion/noise.ts";

export type FreeInitFilter = "butterworth" | "gaussian" | "ideal";

const STOP = 0.25;
const ORDER = 4;

/** How much of a frequency is kept. @param square squared distance from frequency 0, in units of the highest along an axis */
const RESPONSE: Readonly<Record<FreeInitFilter, (square: number) => number>> = {
  butterworth: (square) => 1 / (1 + (square / STOP ** 2) ** ORDER),
  gaussian: (square) => Math.exp(-square / (2 * STOP ** 2)),
  ideal: (square) => (square <= 2 * STOP ? 1 : 0),
};

/**
 * The low frequencies of `diffused` with the high ones of `noise`, over frames, height and width of each channel.
 * @param diffused,noise [F, C, h, w]
 */
export function mixFrequencies(
  diffused: Float32Array,
  noise: Float32Array,
  { frames, channels, height, width }: LatentShape,
  filter: FreeInitFilter,
): Float32Array<ArrayBuffer> {
  const sizes = [frames, height, width] as const;
  const kept = lowPass(sizes, filter);
  const area = height * width;
  const mixed = new Float32Array(noise);
  for (let channel = 0; channel < channels; channel++) {
    const at = (i: number) => (Math.floor(i / area) * channels + channel) * area + (i % area);
    // noise + low(diffused - noise) is low(diffused) + high(noise), in one transform instead of two.
    const re = Float64Array.from({ length: frames * area }, (_, i) => diffused[at(i)]! - noise[at(i)]!);
    const im = new Float64Array(re.length);
    for (const axis of [0, 1, 2] as const) transform(re, im, sizes, axis, -1);
    for (const [i, keep] of kept.entries()) {
      re[i]! *= keep / re.length;
      im[i]! *= keep / re.length;
    }
    for (const axis of [0, 1, 2] as const) transform(re, im, sizes, axis, 1);
    for (const [i, value] of re.entries()) mixed[at(i)]! += value;
  }
  return mixed;
}

/** Response at every frequency, [F, h, w] with frequency 0 first. */
function lowPass(sizes: readonly [number, number, number], filter: FreeInitFilter): Float64Array {
  const [squaresT, squaresH, squaresW] = sizes.map(squaredFrequencies) as [number[], number[], number[]];
  return Float64Array.from(squaresT.flatMap((t) => squaresH.flatMap((h) => squaresW.map((w) => RESPONSE[filter](t + h + w)))));
}

/** Odd sizes are not quite symmetric, because diffusers measures from n / 2 and shifts by its floor. */
function squaredFrequencies(n: number): number[] {
  return Array.from({ length: n }, (_, k) => ((2 * ((k + Math.floor(n / 2)) % n)) / n - 1) ** 2);
}

/** Discrete Fourier transform along one axis, in place. Plain sums: n is at most a hundred or so, of any factors. */
function transform(re: Float64Array, im: Float64Array, sizes: readonly number[], axis: 0 | 1 | 2, sign: 1 | -1): void {
  const n = sizes[axis]!;
  const stride = sizes.slice(axis + 1).reduce((a, b) => a * b, 1);
  const cos = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sin = Float64Array.from({ length: n }, (_, k) => sign * Math.sin((2 * Math.PI * k) / n));
  const [lineRe, lineIm] = [new Float64Array(n), new Float64Array(n)];
  for (let line = 0; line < re.length / n; line++) {
    const start = Math.floor(line / stride) * stride * n + (line % stride);
    for (let k = 0; k < n; k++) {
      lineRe[k] = re[start + k * stride]!;
      lineIm[k] = im[start + k * stride]!;
    }
    for (let k = 0; k < n; k++) {
      let [sumRe, sumIm] = [0, 0];
      for (let j = 0, turn = 0; j < n; j++, turn = (turn + k) % n) {
        sumRe += lineRe[j]! * cos[turn]! - lineIm[j]! * sin[turn]!;
        sumIm += lineRe[j]! * sin[turn]! + lineIm[j]! * cos[turn]!;
      }
      re[start + k * stride] = sumRe;
      im[start + k * stride] = sumIm;
    }
  }
}
