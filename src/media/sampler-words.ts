/** Finds our sampler by the name that a file gives it: other tools have ids, class names and spacings of their own. */

import { SAMPLER_NAMES, type SamplerName, samplerLabel } from "../core/diffusion/sampler-names.ts";

/** Names that differ from ours and from our labels in more than spaces and symbols. */
const OTHER_NAMES: Readonly<Record<string, SamplerName>> = {
  eulerancestral: "euler_a",
  eulerdiscretescheduler: "euler",
  eulerancestraldiscretescheduler: "euler_a",
  dpmsolvermultistepscheduler: "dpmpp_2m",
  heundiscretescheduler: "heun",
  ddimscheduler: "ddim",
  pndmscheduler: "pndm",
  plms: "pndm",
  lcmscheduler: "lcm",
  unipcmultistepscheduler: "unipc",
};

/** Spacings of the noise levels that are a sampler of their own here, or none. */
const SPACING = /[\s_]+(karras|exponential|polyexponential|sgm[ _]uniform|simple|normal|ddim|ddim_uniform|beta|k)$/i;
/** Names of the usual spacing. */
const USUAL = /^(uniform|normal|discrete|default|native)$/i;

/**
 * Older files say "DPM++ 2M Karras", newer ones "DPM++ 2M" with the schedule type "Karras"; "Automatic" is what A1111 takes for that
 * sampler. `other` is the file's name for a sampler that is not ours; `sampler` is then the nearest of ours, if any.
 */
export function samplerOf(said = "", scheduleType = "Uniform"): { sampler?: SamplerName | undefined; other?: string } {
  if (said === "") return {};
  const automatic = find(said) === "dpmpp_2m" ? "Karras" : "Uniform";
  const schedule = scheduleType === "Automatic" ? automatic : scheduleType;
  const words = USUAL.test(schedule) || schedule === "" ? said : `${said} ${schedule}`;
  const sampler = find(words);
  return sampler === undefined ? { sampler: find(words.replace(SPACING, "")), other: words } : { sampler };
}

function find(words: string): SamplerName | undefined {
  const key = plain(words);
  return SAMPLER_NAMES.find((name) => plain(name) === key || plain(samplerLabel(name)) === key) ?? OTHER_NAMES[key];
}

/** "DPM++ 2M", "dpmpp_2m", "k_dpmpp_2m" and "dpm++2m" are one; InvokeAI marks Karras by "_k". */
function plain(words: string): string {
  return words
    .toLowerCase()
    .replace(/^k_/, "")
    .replace(/_k$/, "_karras")
    .replaceAll("++", "pp")
    .replaceAll(/[^a-z0-9]/g, "");
}
