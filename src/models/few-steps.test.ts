import { expect, test } from "vitest";
import { describeSampling, fewStepsOf } from "./few-steps.ts";

test.each([
  ["motion", "animatediff_lightning_4step_comfyui", "AnimateDiff-Lightning", "euler_trailing", 4, 1],
  ["motion", "animatediff_lightning_1step_diffusers", "AnimateDiff-Lightning", "euler_trailing", 1, 1],
  ["motion", "AnimateLCM_sd15_t2v", "AnimateLCM", "lcm", 6, 1.5],
  ["motion", "mm_sd15_AnimateLCM", "AnimateLCM", "lcm", 6, 1.5],
  ["lora", "AnimateLCM_sd15_t2v_lora", "AnimateLCM", "lcm", 6, 1.5],
  ["lora", "Hyper-SD15-8steps-lora", "Hyper-SD", "ddim_trailing", 8, 1],
  ["lora", "Hyper-SD15-12steps-CFG-lora", "Hyper-SD (guidance kept)", "ddim_trailing", 12, 5],
  ["lora", "lcm-lora-sdv1-5", "LCM", "lcm", 6, 1.5],
  ["lora", "LCM_LoRA_Weights_SD15", "LCM", "lcm", 6, 1.5],
  ["lora", "pcm_sd15_smallcfg_4step_converted", "PCM", "ddim_trailing", 4, 1.5],
] as const)("a %s called %s is %s", (of, name, family, sampler, steps, cfgScale) => {
  expect(fewStepsOf([name], of)).toEqual({ family, sampling: { sampler, steps, cfgScale }, guessed: false });
});

test.each([
  ["TCD-SD15-LoRA", 4],
  ["Hyper-SD15-1step-lora", 1],
])("%s takes the sampler for trajectory consistency, without guidance", (name, steps) => {
  const { sampling } = fewStepsOf([name], "lora")!;
  expect(sampling).toEqual({ sampler: "tcd", steps, cfgScale: 1 });
});

test("a Lightning module whose name lacks the steps is taken for 4, and says that this is a guess", () => {
  const lightning = fewStepsOf(["animatediff_lightning"], "motion")!;
  expect(lightning).toMatchObject({ guessed: true, sampling: { steps: 4 } });
  expect(describeSampling(lightning)).toBe("sampler euler_trailing, 4 steps, CFG 1");
});

test("names from the metadata count where the file's own says nothing", () => {
  expect(fewStepsOf(["pytorch_lora_weights", undefined, "LCM-LoRA SD 1.5"], "lora")?.family).toBe("LCM");
});

test.each(["v3_sd15_mm", "mm_sd_v15_v2", "hypersonic", "calcmelody", "Hyper-SDXL-8steps-lora", "lightning_storm"])(
  "%s is an ordinary model",
  (name) => {
    expect(fewStepsOf([name], "lora")).toBeNull();
    expect(fewStepsOf([name], "motion")).toBeNull();
  },
);
