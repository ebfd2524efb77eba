/** The names of the samplers, apart from their code, so that the page can list them without it. */

/** The name a person reads and "parameters" text says: A1111's where it has the sampler. */
const LABELS = {
  ddim: "DDIM",
  ddim_trailing: "DDIM trailing",
  euler: "Euler",
  euler_a: "Euler a",
  euler_trailing: "Euler trailing",
  euler_leading: "Euler leading",
  euler_karras: "Euler Karras",
  euler_exponential: "Euler Exponential",
  euler_beta: "Euler Beta",
  heun: "Heun",
  heun_karras: "Heun Karras",
  dpmpp_2m: "DPM++ 2M",
  dpmpp_2m_karras: "DPM++ 2M Karras",
  dpmpp_2m_exponential: "DPM++ 2M Exponential",
  dpmpp_2m_beta: "DPM++ 2M Beta",
  dpmpp_2m_trailing: "DPM++ 2M trailing",
  dpmpp_2m_sde: "DPM++ 2M SDE",
  dpmpp_2m_sde_karras: "DPM++ 2M SDE Karras",
  dpmpp_2m_sde_exponential: "DPM++ 2M SDE Exponential",
  dpmpp_2m_sde_beta: "DPM++ 2M SDE Beta",
  dpmpp_sde: "DPM++ 2S SDE",
  dpmpp_sde_karras: "DPM++ 2S SDE Karras",
  deis: "DEIS",
  pndm: "PNDM",
  unipc: "UniPC",
  unipc_karras: "UniPC Karras",
  ddpm: "DDPM",
  lcm: "LCM",
  tcd: "TCD",
} as const;

export type SamplerName = keyof typeof LABELS;

export const SAMPLER_NAMES = Object.keys(LABELS) as readonly SamplerName[];

/** As in the paper's code and in diffusers. */
export const DEFAULT_TCD_ETA = 0.3;

export function isSamplerName(name: string): name is SamplerName {
  return Object.hasOwn(LABELS, name);
}

/** "DPM++ 2M Karras". */
export function samplerLabel(name: SamplerName): string {
  return LABELS[name];
}
