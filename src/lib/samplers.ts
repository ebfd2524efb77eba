/** Samplers and schedules by themselves, over any network. */

export { clipNoise, type LatentShape, TorchGenerator } from "../core/diffusion/noise.ts";
export type { Model, PredictionType } from "../core/diffusion/prediction.ts";
export {
  createSampler,
  isSamplerName,
  maxSteps,
  SAMPLER_NAMES,
  type SamplerName,
  type SamplerOptions,
  type SamplerPlan,
  type SamplerStep,
  samplerLabel,
} from "../core/diffusion/sampler.ts";
export type { BetaSchedule } from "../core/diffusion/schedule.ts";
