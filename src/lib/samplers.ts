/** Samplers and schedules by themselves, over any network. */

export { clipNoise, type LatentShape, TorchGenerator } from "../core/diffusion/noise.ts";
export type { Model, PredictionType } from "../core/diffusion/prediction.ts";
export { createSampler, maxSteps, type SamplerOptions, type SamplerPlan, type SamplerStep } from "../core/diffusion/sampler.ts";
export { isSamplerName, SAMPLER_NAMES, type SamplerName, samplerLabel } from "../core/diffusion/sampler-names.ts";
export type { BetaSchedule } from "../core/diffusion/schedule.ts";
