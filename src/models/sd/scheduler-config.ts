/** The sampler that comes nearest to a scheduler_config.json of diffusers, and what of the file it does not follow. */

import { type SamplerName, samplerLabel } from "../../core/diffusion/sampler-names.ts";
import type { ConfigJson } from "../config-json.ts";

export interface NearestSampler {
  /** null: none is near, any will do. */
  readonly sampler: SamplerName | null;
  /** Sentences on what is not followed. */
  readonly notices: readonly string[];
}

/** A sampler, and the settings of the file that it follows or that its scheduler ignores. */
interface Match {
  readonly sampler: SamplerName;
  readonly follows: readonly string[];
  /** The sampler is another method than the scheduler's. */
  readonly standsIn?: true;
}

/** Settings that change sampling, each with the values under which our samplers are as they are. */
const USUAL: Readonly<Record<string, readonly unknown[]>> = {
  algorithm_type: ["dpmsolver++", "deis"],
  clip_sample: [false],
  euler_at_final: [false],
  final_sigmas_type: ["zero"],
  interpolation_type: ["linear"],
  lower_order_final: [true],
  original_inference_steps: [50],
  sigma_max: [],
  sigma_min: [],
  skip_prk_steps: [true],
  solver_order: [2],
  solver_type: ["midpoint", "bh2", "logrho"],
  timestep_scaling: [10],
  timestep_spacing: [],
  timestep_type: ["discrete"],
  use_beta_sigmas: [false],
  use_exponential_sigmas: [false],
  use_flow_sigmas: [false],
  use_karras_sigmas: [false],
  use_lu_lambdas: [false],
  variance_type: ["fixed_small"],
};

export function nearestSampler(json: ConfigJson): NearestSampler {
  const name = json.className();
  const match = matchOf(name, json);
  if (match === null) return { sampler: null, notices: [`${json.name} asks for the sampler ${name}, which is not built here.`] };
  const { sampler, follows, standsIn } = match;
  const missed = Object.entries(USUAL).filter(
    ([key, usual]) => json.has(key) && !follows.includes(key) && !usual.includes(json.value(key)),
  );
  const label = samplerLabel(sampler);
  return {
    sampler,
    notices: [
      ...(standsIn ? [`${json.name} asks for the sampler ${name}, which is not built here; ${label} stands in for it.`] : []),
      ...missed.map(
        ([key]) =>
          `${json.name} asks for ${key} = ${JSON.stringify(json.value(key))}, which the sampler ${label} does not follow.`,
      ),
    ],
  };
}

function matchOf(scheduler: string, json: ConfigJson): Match | null {
  const spacing = json.text("timestep_spacing", "");
  const sigmas = ["karras", "exponential", "beta"].find((kind) => json.boolean(`use_${kind}_sigmas`, false));
  /** The variant for the file's sigmas, else for its spacing, else `base`, whose spacing is `usual`. */
  const variant = (base: SamplerName, usual: string, variants: Readonly<Record<string, SamplerName>>): Match => {
    const bySigmas = sigmas === undefined ? undefined : variants[sigmas];
    if (bySigmas !== undefined) return { sampler: bySigmas, follows: [`use_${sigmas}_sigmas`, ...spacingOf(usual, spacing)] };
    const bySpacing = variants[spacing];
    return { sampler: bySpacing ?? base, follows: bySpacing ? ["timestep_spacing"] : spacingOf(usual, spacing) };
  };
  switch (scheduler) {
    case "DDIMScheduler":
      return variant("ddim", "leading", { trailing: "ddim_trailing" });
    case "DDPMScheduler":
      return variant("ddpm", "leading", {});
    case "PNDMScheduler":
      return variant("pndm", "leading", {});
    case "EulerDiscreteScheduler":
      return variant("euler", "linspace", {
        trailing: "euler_trailing",
        leading: "euler_leading",
        karras: "euler_karras",
        exponential: "euler_exponential",
        beta: "euler_beta",
      });
    case "EulerAncestralDiscreteScheduler":
      return variant("euler_a", "linspace", {});
    case "HeunDiscreteScheduler":
      return variant("heun", "linspace", { karras: "heun_karras" });
    case "DPMSolverMultistepScheduler":
      return json.text("algorithm_type", "").startsWith("sde")
        ? sde(json, anySpacing(variant("dpmpp_2m_sde", "linspace", SDE_SIGMAS), sigmas))
        : anySpacing(variant("dpmpp_2m", "linspace", MULTISTEP_VARIANTS), sigmas);
    case "DPMSolverSinglestepScheduler":
      return json.text("algorithm_type", "").startsWith("sde")
        ? sde(json, anySpacing(variant("dpmpp_sde", "linspace", { karras: "dpmpp_sde_karras" }), sigmas))
        : { ...anySpacing(variant("dpmpp_2m", "linspace", MULTISTEP_VARIANTS), sigmas), standsIn: true };
    case "DPMSolverSDEScheduler":
      return { ...variant("dpmpp_sde", "linspace", { karras: "dpmpp_sde_karras" }), standsIn: true };
    case "UniPCMultistepScheduler":
      return anySpacing(variant("unipc", "linspace", { karras: "unipc_karras" }), sigmas);
    case "DEISMultistepScheduler":
      return variant("deis", "linspace", {});
    case "LCMScheduler":
      return { sampler: "lcm", follows: ["timestep_spacing"] };
    case "TCDScheduler":
      return { sampler: "tcd", follows: ["timestep_spacing"] };
    default:
      return null;
  }
}

const MULTISTEP_VARIANTS = {
  trailing: "dpmpp_2m_trailing",
  karras: "dpmpp_2m_karras",
  exponential: "dpmpp_2m_exponential",
  beta: "dpmpp_2m_beta",
} as const;

const SDE_SIGMAS = {
  karras: "dpmpp_2m_sde_karras",
  exponential: "dpmpp_2m_sde_exponential",
  beta: "dpmpp_2m_sde_beta",
} as const;

function spacingOf(usual: string, spacing: string): string[] {
  return spacing === usual ? ["timestep_spacing"] : [];
}

/** The multistep solvers spread Karras, exponential and beta sigmas over the whole table, whatever the spacing of timesteps says. */
function anySpacing(match: Match, sigmas: string | undefined): Match {
  return sigmas === undefined ? match : { ...match, follows: [...match.follows, "timestep_spacing"] };
}

function sde(json: ConfigJson, match: Match): Match {
  return json.value("algorithm_type") === "sde-dpmsolver++" ? { ...match, follows: [...match.follows, "algorithm_type"] } : match;
}
