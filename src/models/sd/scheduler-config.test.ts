import { expect, test } from "vitest";
import { ConfigJson } from "../config-json.ts";
import { schedulerDefaults } from "./sampling-defaults.ts";
import { nearestSampler } from "./scheduler-config.ts";

const read = (values: Record<string, unknown>) => nearestSampler(new ConfigJson(values, "scheduler_config.json"));

test.each([
  ["ddim", { _class_name: "DDIMScheduler" }],
  ["ddim_trailing", { _class_name: "DDIMScheduler", timestep_spacing: "trailing" }],
  ["euler_karras", { _class_name: "EulerDiscreteScheduler", use_karras_sigmas: true }],
  ["euler_exponential", { _class_name: "EulerDiscreteScheduler", use_exponential_sigmas: true }],
  ["euler_beta", { _class_name: "EulerDiscreteScheduler", use_beta_sigmas: true }],
  ["euler_leading", { _class_name: "EulerDiscreteScheduler", timestep_spacing: "leading" }],
  ["heun_karras", { _class_name: "HeunDiscreteScheduler", use_karras_sigmas: true }],
  ["dpmpp_2m_trailing", { _class_name: "DPMSolverMultistepScheduler", timestep_spacing: "trailing" }],
  ["dpmpp_2m_karras", { _class_name: "DPMSolverMultistepScheduler", use_karras_sigmas: true, timestep_spacing: "leading" }],
  [
    "dpmpp_2m_sde_karras",
    { _class_name: "DPMSolverMultistepScheduler", algorithm_type: "sde-dpmsolver++", use_karras_sigmas: true },
  ],
  ["dpmpp_sde", { _class_name: "DPMSolverSinglestepScheduler", algorithm_type: "sde-dpmsolver++", solver_order: 2 }],
  ["unipc_karras", { _class_name: "UniPCMultistepScheduler", use_karras_sigmas: true, solver_type: "bh2" }],
  ["deis", { _class_name: "DEISMultistepScheduler", solver_type: "logrho", algorithm_type: "deis" }],
  ["ddpm", { _class_name: "DDPMScheduler", variance_type: "fixed_small", clip_sample: false }],
  ["lcm", { _class_name: "LCMScheduler", timestep_spacing: "leading", original_inference_steps: 50 }],
  ["tcd", { _class_name: "TCDScheduler" }],
  ["pndm", { _class_name: "PNDMScheduler", skip_prk_steps: true, set_alpha_to_one: false, steps_offset: 1 }],
])("%s is the sampler of a folder, and nothing of its file is left out", (sampler, values) => {
  expect(read(values)).toEqual({ sampler, notices: [] });
});

test.each([
  ["euler_a", { _class_name: "EulerAncestralDiscreteScheduler", timestep_spacing: "trailing" }, 'timestep_spacing = "trailing"'],
  ["heun", { _class_name: "HeunDiscreteScheduler", use_beta_sigmas: true }, "use_beta_sigmas = true"],
  ["dpmpp_2m", { _class_name: "DPMSolverMultistepScheduler", use_lu_lambdas: true }, "use_lu_lambdas = true"],
  ["dpmpp_2m", { _class_name: "DPMSolverMultistepScheduler", solver_order: 3 }, "solver_order = 3"],
  ["dpmpp_2m", { _class_name: "DPMSolverMultistepScheduler", algorithm_type: "dpmsolver" }, 'algorithm_type = "dpmsolver"'],
  ["dpmpp_2m", { _class_name: "DPMSolverSinglestepScheduler" }, "DPMSolverSinglestepScheduler"],
  ["dpmpp_sde_karras", { _class_name: "DPMSolverSDEScheduler", use_karras_sigmas: true }, "DPMSolverSDEScheduler"],
  ["ddim", { _class_name: "DDIMScheduler", clip_sample: true }, "clip_sample = true"],
  ["euler", { _class_name: "EulerDiscreteScheduler", final_sigmas_type: "sigma_min" }, 'final_sigmas_type = "sigma_min"'],
  [null, { _class_name: "LMSDiscreteScheduler" }, "LMSDiscreteScheduler"],
])("%s is the nearest sampler, and a notice says what is not followed", (sampler, values, missed) => {
  const found = read(values);
  expect(found.sampler).toBe(sampler);
  expect(found.notices).toHaveLength(1);
  expect(found.notices[0]).toContain(missed);
});

test("a folder's zero-terminal-SNR schedule and v-prediction are taken over", () => {
  const json = new ConfigJson(
    {
      _class_name: "DDIMScheduler",
      rescale_betas_zero_snr: true,
      prediction_type: "v_prediction",
      timestep_spacing: "trailing",
    },
    "scheduler_config.json",
  );
  expect(schedulerDefaults(json)).toMatchObject({
    defaults: { zeroSnr: true, predictionType: "v_prediction", sampler: "ddim_trailing" },
    notices: [],
  });
});
