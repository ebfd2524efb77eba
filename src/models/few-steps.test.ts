import { readFileSync } from "node:fs";
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

test("the catalogue promises the settings that its models for few steps are recognised by", () => {
  const shipped = JSON.parse(readFileSync(new URL("../../public/catalogue.json", import.meta.url), "utf8"));
  const recognised = new Map<string, object>();
  for (const { id, address, kind, settings } of shipped.entries) {
    // AnimateLCM's file says nothing by its name; its folder's page does.
    const found = kind === "motion" ? fewStepsOf([address.split("/").at(-1), address], kind) : null;
    if (found === null) continue;
    expect(settings, id).toEqual(found.sampling);
    recognised.set(id, found.sampling);
  }
  expect([...recognised.keys()]).toEqual(["lightning-4", "lightning-8", "animatelcm"]);
  for (const { id, files, settings } of shipped.sets) {
    const motion = files.map(({ entry }: { entry: string }) => recognised.get(entry)).find(Boolean);
    if (motion !== undefined) expect(settings, id).toMatchObject(motion);
  }
});
