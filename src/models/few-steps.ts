/**
 * Models that were distilled to draw in few steps, told by their names, because their tensors look like any other's. Each brings the
 * sampler, spacing, steps and guidance that it was trained for. Sources: the model cards of ByteDance/AnimateDiff-Lightning,
 * ByteDance/Hyper-SD, wangfuyun/AnimateLCM, latent-consistency/lcm-lora-sdv1-5, h1t/TCD-SD15-LoRA and wangfuyun/PCM_Weights.
 */

import type { FewSteps } from "./types.ts";

interface Family {
  readonly name: string;
  readonly pattern: RegExp;
  readonly sampler: string | ((steps: number) => string);
  /** Steps where the name gives none. */
  readonly steps: number;
  /** It was made for exactly so many steps, so that a name without a number leaves them open. */
  readonly exact: boolean;
  readonly cfgScale: number;
  readonly of: "motion" | "lora" | "both";
}

/** The first that matches counts. */
const FAMILIES: readonly Family[] = [
  {
    name: "AnimateDiff-Lightning",
    pattern: /animate_?diff[-_ ]?lightning/,
    sampler: "euler_trailing",
    steps: 4,
    exact: true,
    cfgScale: 1,
    of: "motion",
  },
  { name: "AnimateLCM", pattern: /animate[-_ ]?lcm/, sampler: "lcm", steps: 6, exact: false, cfgScale: 1.5, of: "both" },
  {
    name: "Hyper-SD (guidance kept)",
    pattern: /hyper[-_ ]?sd(?!xl|3).*cfg/,
    sampler: "ddim_trailing",
    steps: 8,
    exact: true,
    cfgScale: 5,
    of: "lora",
  },
  {
    name: "Hyper-SD",
    pattern: /hyper[-_ ]?sd(?!xl|3)/,
    sampler: (steps) => (steps === 1 ? "tcd" : "ddim_trailing"),
    steps: 4,
    exact: true,
    cfgScale: 1,
    of: "lora",
  },
  { name: "TCD", pattern: /(^|[-_ ])tcd([-_ .]|$)/, sampler: "tcd", steps: 4, exact: false, cfgScale: 1, of: "lora" },
  { name: "PCM", pattern: /(^|[-_ ])pcm[-_ ]/, sampler: "ddim_trailing", steps: 4, exact: true, cfgScale: 1.5, of: "lora" },
  { name: "LCM", pattern: /(^|[-_ ])lcm([-_ .]|$)/, sampler: "lcm", steps: 6, exact: false, cfgScale: 1.5, of: "lora" },
];

const MOST_STEPS = 16;

/** @param names the model's name, its file's and titles from its metadata, the likeliest first */
export function fewStepsOf(names: readonly (string | undefined)[], of: "motion" | "lora"): FewSteps | null {
  for (const given of names) {
    const name = given?.toLowerCase() ?? "";
    const family = FAMILIES.find((candidate) => (candidate.of === of || candidate.of === "both") && candidate.pattern.test(name));
    if (family === undefined) continue;
    const stated = Number(/(\d+)[-_ ]?steps?(?![a-z])/.exec(name)?.[1] ?? 0);
    const known = stated >= 1 && stated <= MOST_STEPS;
    const steps = known ? stated : family.steps;
    const sampler = typeof family.sampler === "string" ? family.sampler : family.sampler(steps);
    return { family: family.name, sampling: { sampler, steps, cfgScale: family.cfgScale }, guessed: family.exact && !known };
  }
  return null;
}

/** "sampler euler_trailing, 4 steps, CFG 1" */
export function describeSampling({ sampling: { sampler, steps, cfgScale } }: FewSteps): string {
  return `sampler ${sampler}, ${steps === 1 ? "1 step" : `${steps} steps`}, CFG ${cfgScale}`;
}
