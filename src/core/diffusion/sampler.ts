/** The samplers by name, and plans: all that an animation needs to get from noise (or a video) to clean latents. */

import { ZoetropeError } from "../errors.ts";
import { type HeldValues, HoldingDenoiser } from "./held-values.ts";
import { weightedSum } from "./latents.ts";
import { Denoiser, type Model, type PredictionType } from "./prediction.ts";
import { DEFAULT_TCD_ETA, isSamplerName, SAMPLER_NAMES, type SamplerName } from "./sampler-names.ts";
import { ddim, ddimTrailing } from "./samplers/ddim.ts";
import { ddpm } from "./samplers/ddpm.ts";
import type { SamplerDefinition, SamplerStep } from "./samplers/definition.ts";
import { deis } from "./samplers/deis.ts";
import { dpmpp2m, dpmpp2mBeta, dpmpp2mExponential, dpmpp2mKarras, dpmpp2mTrailing } from "./samplers/dpmpp-2m.ts";
import { dpmpp2mSde, dpmpp2mSdeBeta, dpmpp2mSdeExponential, dpmpp2mSdeKarras } from "./samplers/dpmpp-2m-sde.ts";
import { dpmppSde, dpmppSdeKarras } from "./samplers/dpmpp-sde.ts";
import { euler, eulerBeta, eulerExponential, eulerKarras, eulerLeading, eulerTrailing } from "./samplers/euler.ts";
import { eulerA } from "./samplers/euler-a.ts";
import { heun, heunKarras } from "./samplers/heun.ts";
import { lcm } from "./samplers/lcm.ts";
import { pndm } from "./samplers/pndm.ts";
import { tcd } from "./samplers/tcd.ts";
import { unipc, unipcKarras } from "./samplers/unipc.ts";
import { alphasCumprod, type BetaSchedule, noiseTable, TRAINING_STEPS, withZeroTerminalSnr } from "./schedule.ts";

export type { SamplerStep } from "./samplers/definition.ts";

const SAMPLERS = {
  ddim,
  ddim_trailing: ddimTrailing,
  euler,
  euler_a: eulerA,
  euler_trailing: eulerTrailing,
  euler_leading: eulerLeading,
  euler_karras: eulerKarras,
  euler_exponential: eulerExponential,
  euler_beta: eulerBeta,
  heun,
  heun_karras: heunKarras,
  dpmpp_2m: dpmpp2m,
  dpmpp_2m_karras: dpmpp2mKarras,
  dpmpp_2m_exponential: dpmpp2mExponential,
  dpmpp_2m_beta: dpmpp2mBeta,
  dpmpp_2m_trailing: dpmpp2mTrailing,
  dpmpp_2m_sde: dpmpp2mSde,
  dpmpp_2m_sde_karras: dpmpp2mSdeKarras,
  dpmpp_2m_sde_exponential: dpmpp2mSdeExponential,
  dpmpp_2m_sde_beta: dpmpp2mSdeBeta,
  dpmpp_sde: dpmppSde,
  dpmpp_sde_karras: dpmppSdeKarras,
  deis,
  pndm,
  unipc,
  unipc_karras: unipcKarras,
  ddpm,
  lcm,
  tcd,
} as const satisfies Record<SamplerName, SamplerDefinition>;

/** Most steps a sampler can take: 50 for lcm and tcd, else 1000. */
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
  /** Rescales the schedule so that its last timestep is pure noise. */
  readonly zeroSnr?: boolean;
  /** Stochasticity of tcd in [0, 1]; absent: 0.3. */
  readonly tcdEta?: number;
  /** 0 < strength <= 1: start from a video, `addNoise`d, and take only the last floor(steps · strength) steps. */
  readonly strength?: number;
  /** Leaves out so many steps at the beginning; absent: none. */
  readonly skip?: number;
}

export interface SamplerPlan {
  /** The timestep of every network call, in order; pndm calls once more than it has steps, heun nearly twice as often. May be fractional. */
  readonly timesteps: readonly number[];
  /** Factor for unit-variance noise before `run`, when sampling starts from noise alone. */
  readonly initNoiseScale: number;
  /** The start of `run` from clean latents x0 (`strength`): noised to the first step's level, in the sampler's scale. */
  addNoise(x0: Float32Array, noise: Float32Array): Float32Array;
  /** Clean latents noised to the last training timestep, in the variance-preserving scale, whatever the sampler's is (FreeInit). */
  diffuse(x0: Float32Array, noise: Float32Array): Float32Array;
  /**
   * Latents at the beginning of one step, noised to that of an earlier one, in the sampler's scale (Text2Video-Zero).
   * @param from number of a step, `to` of an earlier one
   */
  noisedBack(x: Float32Array, from: number, to: number, noise: Float32Array): Float32Array;
  /**
   * @param model     the network after guidance, asked at its own scale; its output is epsilon or v as `predictionType` says
   * @param x         start latents, any layout: unit-variance noise · initNoiseScale, or the result of `addNoise`
   * @param drawNoise unit-variance noise of the layout of x; called only by stochastic samplers
   * @param held      values of the clean sample that are given; x must have them at its noise level (`addNoise`)
   */
  run(model: Model, x: Float32Array, drawNoise: () => Float32Array, held?: readonly HeldValues[]): AsyncGenerator<SamplerStep>;
}

/** @throws ZoetropeError `sampler/unknown`, `sampler/steps`, `sampler/strength`, `sampler/zero-snr` */
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
  const trained = alphasCumprod(options.schedule, options.betaStart, options.betaEnd);
  const table = noiseTable(options.zeroSnr === true ? withZeroTerminalSnr(trained) : trained);
  const whole = sampler.steps(table, count, { tcdEta: options.tcdEta ?? DEFAULT_TCD_ETA });
  const steps = whole.slice(skippedSteps(count, strength) + (options.skip ?? 0));
  const first = steps[0]!.at;
  if (first.alphaBar === 0 && predictionType === "epsilon") refuseEpsilon(name);

  return {
    timesteps: sampler.timesteps(steps),
    initNoiseScale: sampler.initNoiseScale(whole),
    addNoise: (x0, noise) =>
      sampler.variance === "exploding"
        ? weightedSum([1, x0], [first.sigma, noise])
        : weightedSum([Math.sqrt(first.alphaBar), x0], [Math.sqrt(1 - first.alphaBar), noise]),
    diffuse: (x0, noise) => {
      const alphaBar = table.alphaBar[TRAINING_STEPS - 1]!;
      return weightedSum([Math.sqrt(alphaBar), x0], [Math.sqrt(1 - alphaBar), noise]);
    },
    noisedBack: (x, from, to, noise) => {
      // diffusers multiplies the alphas from timestep `from` up to, but not including, timestep `to`.
      const levelBefore = (step: number) => table.alphaBar[Math.max(0, Math.round(whole[step]!.at.timestep) - 1)]!;
      const share = levelBefore(to) / levelBefore(from);
      if (sampler.variance === "preserving") return weightedSum([Math.sqrt(share), x], [Math.sqrt(1 - share), noise]);
      const scale = (step: number) => Math.hypot(1, whole[step]!.at.sigma); // from the preserving scale to the sampler's
      return weightedSum([(Math.sqrt(share) * scale(to)) / scale(from), x], [Math.sqrt(1 - share) * scale(to), noise]);
    },
    run: (model, x, drawNoise, held = []) => {
      const denoiser = held.length === 0 ? new Denoiser(model, predictionType) : new HoldingDenoiser(model, predictionType, held);
      return sampler.run(denoiser, x, steps, drawNoise);
    },
  };
}

/** At pure noise the noise is the sample itself, and says nothing about the picture. */
function refuseEpsilon(name: string): never {
  throw new ZoetropeError("sampler/zero-snr", {
    message: `Zero terminal SNR starts ${name} from pure noise, which a model that predicts noise (epsilon) cannot read.`,
    hint: "Use it with a v-prediction model (--prediction v), or choose a sampler that does not begin at the last timestep, such as ddim.",
  });
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
