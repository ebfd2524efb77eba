/** Reads sampling defaults from a checkpoint: from its diffusers scheduler config, or from the few marks that single files carry. */

import type { ConfigJson } from "../config-json.ts";
import type { PredictionType, SamplingDefaults } from "../types.ts";
import { nearestSampler } from "./scheduler-config.ts";

export const NO_DEFAULTS: SamplingDefaults = {
  predictionType: null,
  betaSchedule: null,
  betaStart: null,
  betaEnd: null,
  zeroSnr: null,
  sampler: null,
  steps: null,
  cfgScale: null,
  frames: null,
  contextLength: null,
  width: null,
  height: null,
};

/** The noise schedule that Stable Diffusion 1.x was trained with. */
export const SD_DEFAULTS: SamplingDefaults = {
  ...NO_DEFAULTS,
  predictionType: "epsilon",
  betaSchedule: "scaled_linear",
  betaStart: 0.00085,
  betaEnd: 0.012,
};

/** Defaults of a single file: a tensor `v_pred` or metadata marks v-prediction; single files say nothing else. */
export function singleFileDefaults(
  hasTensor: (key: string) => boolean,
  metadata: Readonly<Record<string, string>>,
): SamplingDefaults {
  const stated = (metadata["modelspec.prediction_type"] ?? metadata.prediction_type ?? "").toLowerCase();
  const v = hasTensor("v_pred") || stated === "v" || stated === "v_prediction" || stated === "v-prediction";
  return { ...SD_DEFAULTS, predictionType: v ? "v_prediction" : "epsilon" };
}

/**
 * Defaults from scheduler/scheduler_config.json, with sentences on what our samplers do not follow. Refuses by name whatever would
 * spoil the picture.
 */
export function schedulerDefaults(json: ConfigJson): { defaults: SamplingDefaults; notices: readonly string[] } {
  json.mustBe("trained_betas");
  json.mustBe("num_train_timesteps", 1000);
  json.mustBe("thresholding", false);
  const prediction = json.oneOf("prediction_type", ["epsilon", "v_prediction"], "epsilon") satisfies PredictionType;
  const { sampler, notices } = nearestSampler(json);
  const defaults: SamplingDefaults = {
    ...NO_DEFAULTS,
    predictionType: prediction,
    betaSchedule: json.oneOf("beta_schedule", ["linear", "scaled_linear"], "linear"),
    betaStart: json.number("beta_start", 0.0001),
    betaEnd: json.number("beta_end", 0.02),
    zeroSnr: json.boolean("rescale_betas_zero_snr", false),
    sampler,
  };
  return { defaults, notices };
}
