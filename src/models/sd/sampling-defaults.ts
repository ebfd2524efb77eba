/** Reads sampling defaults from a checkpoint: from its diffusers scheduler config, or from the few marks that single files carry. */

import type { ConfigJson } from "../config-json.ts";
import type { PredictionType, SamplingDefaults } from "../types.ts";

export const NO_DEFAULTS: SamplingDefaults = {
  predictionType: null,
  betaSchedule: null,
  betaStart: null,
  betaEnd: null,
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

/** Defaults from scheduler/scheduler_config.json. Refuses settings that no sampler here implements, by name. */
export function schedulerDefaults(json: ConfigJson): SamplingDefaults {
  json.mustBe("trained_betas");
  json.mustBe("num_train_timesteps", 1000);
  json.mustBe("rescale_betas_zero_snr", false);
  json.mustBe("thresholding", false);
  const prediction = json.oneOf("prediction_type", ["epsilon", "v_prediction"], "epsilon") satisfies PredictionType;
  return {
    ...NO_DEFAULTS,
    predictionType: prediction,
    betaSchedule: json.oneOf("beta_schedule", ["linear", "scaled_linear"], "linear"),
    betaStart: json.number("beta_start", 0.0001),
    betaEnd: json.number("beta_end", 0.02),
    sampler: samplerOf(json),
  };
}

/** The sampler that corresponds to a diffusers scheduler class; null for classes without one (any sampler will do). */
function samplerOf(json: ConfigJson): string | null {
  const spacing = json.text("timestep_spacing", "");
  switch (json.text("_class_name", "")) {
    case "DDIMScheduler":
      return spacing === "trailing" ? "ddim_trailing" : "ddim";
    case "PNDMScheduler":
      return "pndm";
    case "EulerDiscreteScheduler":
      return spacing === "trailing" || spacing === "leading" ? `euler_${spacing}` : "euler";
    case "EulerAncestralDiscreteScheduler":
      return "euler_a";
    case "HeunDiscreteScheduler":
      return "heun";
    case "DPMSolverMultistepScheduler":
      return json.boolean("use_karras_sigmas", false) ? "dpmpp_2m_karras" : "dpmpp_2m";
    case "UniPCMultistepScheduler":
      return "unipc";
    case "LCMScheduler":
      return "lcm";
    default:
      return null;
  }
}
