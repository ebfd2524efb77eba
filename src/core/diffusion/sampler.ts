/** The samplers by name, and plans: all that an animation needs to get from noise (or a video) to clean latents. */

import { ZoetropeError } from "../errors.ts";
import { weightedSum } from "./latents.ts";
import { Denoiser, type Model, type PredictionType } from "./prediction.ts";
import { ddim, ddimTrailing } from "./samplers/ddim.ts";
import type { SamplerDefinition, SamplerStep } from "./samplers/definition.ts";
import { dpmpp2m, dpmpp2mKarras } from "./samplers/dpmpp-2m.ts";
import { euler, eulerLeading, eulerTrailing } from "./samplers/euler.ts";
import { eulerA } from "./samplers/euler-a.ts";
import { heun } from "./samplers/heun.ts";
import { lcm } from "./samplers/lcm.ts";
import { pndm } from "./samplers/pndm.ts";
import { unipc } from "./samplers/unipc.ts";
import { type BetaSchedule, noiseTable } from "./schedule.ts";

export type { SamplerStep } from "./samplers/definition.ts";

const SAMPLERS = {
  ddim,
  ddim_trailing: ddimTrailing,
  euler,
  euler_a: eulerA,
  euler_trailing: eulerTrailing,
  euler_leading: eulerLeading,
  heun,
  dpmpp_2m: dpmpp2m,
  dpmpp_2m_karras: dpmpp2mKarras,
  pndm,
  unipc,
  lcm,
} as const satisfies Record<string, SamplerDefinition>;

export type SamplerName = keyof typeof SAMPLERS;

export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];

export function isSamplerName(name: string): name is SamplerName {
  return Object.hasOwn(SAMPLERS, name);
}

/** The name a person reads: "DPM++ 2M Karras". */
export function samplerLabel(name: SamplerName): string {
  return SAMPLERS[name].label;
}

/** Most steps a sampler can take: 50 for lcm, else 1000. */
export function maxSteps(name: SamplerName): number {
  return SAMPLERS[name].maxSteps;
}

export interface SamplerOptions {
  readonly name: SamplerName;
  readonly schedule: BetaSchedule;
  readonly betaStart?: number;
  readonly betaEnd?: number;
  readonly steps: number;
  readonly predictionType: PredictionType;
  /** 0 < strength <= 1: start from a video, `addNoise`d, and take only the last floor(steps · strength) steps. */
  readonly strength?: number;
}

export interface SamplerPlan {
  /** The timestep of every network call, in order; pndm calls once more than it has steps, heun nearly twice as often. May be fractional. */
  readonly timesteps: readonly number[];
  /** Factor for unit-variance noise before `run`, when sampling starts from noise alone. */
  readonly initNoiseScale: number;
  /** The start of `run` from clean latents x0 (`strength`): noised to the first step's level, in the sampler's scale. */
  addNoise(x0: Float32Array, noise: Float32Array): Float32Array;
  /**
   * @param model     the network after guidance, asked at its own scale; its output is epsilon or v as `predictionType` says
   * @param x         start latents, any layout: unit-variance noise · initNoiseScale, or the result of `addNoise`
   * @param drawNoise unit-variance noise of the layout of x; called only by euler_a (every step) and lcm (all but the last)
   */
  run(model: Model, x: Float32Array, drawNoise: () => Float32Array): AsyncGenerator<SamplerStep>;
}

/** @throws ZoetropeError `sampler/unknown`, `sampler/steps`, `sampler/strength` */
export function createSampler(options: SamplerOptions): SamplerPlan {
  const { name, steps: count, strength = 1, predictionType } = options;
  const sampler = definitionOf(name);
  if (!Number.isInteger(count) || count < 1 || count > sampler.maxSteps) {
    throw new ZoetropeError("sampler/steps", {
      message: `The sampler ${name} takes 1 to ${sampler.maxSteps} steps; ${count} were asked for.`,
      hint:
        count > sampler.maxSteps ? `Choose at most ${sampler.maxSteps} steps.` : "Choose a whole number of steps, at least 1.",
    });
  }
  const whole = sampler.steps(noiseTable(options.schedule, options.betaStart, options.betaEnd), count);
  const steps = whole.slice(skippedSteps(count, strength));
  const first = steps[0]!.at;

  return {
    timesteps: sampler.timesteps(steps),
    initNoiseScale: sampler.initNoiseScale(whole),
    addNoise: (x0, noise) =>
      sampler.variance === "exploding"
        ? weightedSum([1, x0], [first.sigma, noise])
        : weightedSum([Math.sqrt(first.alphaBar), x0], [Math.sqrt(1 - first.alphaBar), noise]),
    run: (model, x, drawNoise) => sampler.run(new Denoiser(model, predictionType), x, steps, drawNoise),
  };
}

function definitionOf(name: string): SamplerDefinition {
  if (isSamplerName(name)) return SAMPLERS[name];
  throw new ZoetropeError("sampler/unknown", {
    message: `There is no sampler called ${name}.`,
    hint: `Choose one of ${SAMPLER_NAMES.join(", ")}.`,
  });
}

function skippedSteps(count: number, strength: number): number {
  const kept = Math.floor(count * strength);
  if (strength > 0 && strength <= 1 && kept >= 1) return count - kept;
  throw new ZoetropeError("sampler/strength", {
    message:
      strength > 0 && strength <= 1
        ? `A strength of ${strength} leaves nothing of ${count} ${count === 1 ? "step" : "steps"} to do.`
        : `The strength must be above 0 and at most 1; it is ${strength}.`,
    hint: "Raise the strength or the number of steps: strength times steps must be at least 1.",
  });
}
