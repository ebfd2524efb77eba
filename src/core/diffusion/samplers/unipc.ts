/** UniPC of order 2, B2(h), predicting x0 (Zhao et al. 2023): a predictor, corrected as soon as the next output is known. */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { roundHalfEven, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive, interpolatedRows, karras, multistep, rowsAtSigmas } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, timestepPerStep, unitNoise } from "./definition.ts";
import { type LogSnr, logSnr } from "./log-snr.ts";

/** A level that the sampler has visited, and the estimate of the clean sample there. */
interface Seen {
  readonly level: LogSnr;
  readonly denoised: Float32Array;
}

/** The latest prediction: from `sample` at `from`, with `earlier` where it was of second order. */
interface Prediction {
  readonly sample: Float32Array;
  readonly from: Seen;
  readonly earlier: Seen | null;
}

async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly ScheduleStep[]): AsyncGenerator<SamplerStep> {
  let prediction = null as Prediction | null;
  for (const [step, { at, to }] of steps.entries()) {
    const { denoised } = await denoiser.estimate(x, at);
    const here: Seen = { level: logSnr(at), denoised };
    const sample = prediction === null ? x : correct(prediction, x, here);
    // Very long schedules repeat a timestep; equal levels have no slope between them.
    const last = prediction?.from;
    const earlier = last && last.level.lambda !== here.level.lambda && step < steps.length - 1 ? last : null;
    prediction = { sample, from: here, earlier };
    x = predict(prediction, logSnr(to));
    yield { step, latents: x, denoised };
  }
}

function predict({ sample, from, earlier }: Prediction, to: LogSnr): Float32Array {
  const h = to.lambda - from.level.lambda;
  const gain = -to.signal * Math.expm1(-h);
  const carry = to.noise / from.level.noise;
  if (earlier === null) return weightedSum([carry, sample], [gain, from.denoised]);
  const slope = (gain / 2) * (h / (earlier.level.lambda - from.level.lambda));
  return weightedSum([carry, sample], [gain - slope, from.denoised], [slope, earlier.denoised]);
}

/** The corrector: repeats the last step, now with the network's output at the point that the step led to. */
function correct({ sample, from, earlier }: Prediction, predicted: Float32Array, here: Seen): Float32Array {
  const h = here.level.lambda - from.level.lambda;
  if (h === 0) return predicted;
  const gain = -here.level.signal * Math.expm1(-h);
  const carry = here.level.noise / from.level.noise;
  if (earlier === null) {
    return weightedSum([carry, sample], [gain / 2, from.denoised], [gain / 2, here.denoised]);
  }
  const ratio = (earlier.level.lambda - from.level.lambda) / h;
  const [old, current] = correctorWeights(ratio, -h);
  return weightedSum(
    [carry, sample],
    [gain * (1 - old / ratio - current), from.denoised],
    [(gain * old) / ratio, earlier.denoised],
    [gain * current, here.denoised],
  );
}

/** Solves [[1, 1], [ratio, 1]] · rho = [phi1 / B, 2 phi2 / B], the order conditions of the corrector. */
function correctorWeights(ratio: number, hh: number): [old: number, current: number] {
  const B = Math.expm1(hh);
  const phi1 = B / hh - 1;
  const phi2 = phi1 / hh - 1 / 2;
  const old = (phi1 / B - (2 * phi2) / B) / (1 - ratio);
  return [old, phi1 / B - old];
}

const common = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  timesteps: timestepPerStep,
  run,
} as const;

export const unipc: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(interpolatedRows(table, multistep(count))),
};

export const unipcKarras: SamplerDefinition = {
  ...common,
  steps: (table, count) => consecutive(rowsAtSigmas(table, karras(table, count), roundHalfEven)),
};
