/**
 * Pseudo linear multistep (PLMS: Liu et al. 2022 without the Runge-Kutta start), the default of Stable Diffusion 1.x.
 * N steps take N + 1 network calls: the second one, still for the first step, improves that step by Heun's method.
 */

import { weightedSum } from "../latents.ts";
import type { Denoiser } from "../prediction.ts";
import { type NoiseLevel, rowAtTimestep, type ScheduleStep, TRAINING_STEPS } from "../schedule.ts";
import { consecutive, leading } from "../spacing.ts";
import { type SamplerDefinition, type SamplerStep, unitNoise } from "./definition.ts";

/** Adams-Bashforth weights by length of history, newest output first. */
const ADAMS_BASHFORTH: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/** Raw outputs are mixed before they are read, so that a v-prediction model gives what diffusers gives. */
async function* run(denoiser: Denoiser, x: Float32Array, steps: readonly ScheduleStep[]): AsyncGenerator<SamplerStep> {
  const start = x;
  const history: Float32Array[] = [];
  for (const [step, { at, to }] of steps.entries()) {
    history.unshift(await denoiser.output(x, at.timestep));
    history.splice(ADAMS_BASHFORTH.length);
    const mixed = weightedSum(...ADAMS_BASHFORTH[history.length - 1]!.map((weight, i) => [weight, history[i]!] as const));
    const { epsilon, denoised } = denoiser.read(mixed, x, at);
    x = transfer(x, epsilon, at, to);
    yield { step: step === 0 ? 0 : step + 1, latents: x, denoised };

    const next = steps[1];
    if (step === 0 && next) {
      const output = await denoiser.output(x, next.at.timestep);
      const mean = weightedSum([0.5, output], [0.5, history[0]!]);
      const improved = denoiser.read(mean, start, at);
      x = transfer(start, improved.epsilon, at, to);
      yield { step: 1, latents: x, denoised: improved.denoised };
    }
  }
}

/** Equation 9 of the paper. */
function transfer(x: Float32Array, epsilon: Float32Array, at: NoiseLevel, to: NoiseLevel): Float32Array {
  const [a, b] = [at.alphaBar, to.alphaBar];
  const denominator = a * Math.sqrt(1 - b) + Math.sqrt(a * (1 - a) * b);
  return weightedSum([Math.sqrt(b / a), x], [(a - b) / denominator, epsilon]);
}

export const pndm: SamplerDefinition = {
  variance: "preserving",
  maxSteps: TRAINING_STEPS,
  initNoiseScale: unitNoise,
  /** The plain list with its second element repeated. */
  timesteps: (steps) => steps.flatMap(({ at }, k) => (k === 1 ? [at.timestep, at.timestep] : [at.timestep])),
  steps: (table, count) =>
    consecutive(
      leading(count).map((t) => rowAtTimestep(table, t)),
      rowAtTimestep(table, 0),
    ),
  run,
};
