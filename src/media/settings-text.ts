/**
 * The settings of an animation as "parameters" text and back, in the field names other tools read
 * (Steps, Sampler, CFG scale, Seed, Size, Model, Clip skip), followed by what only an animation has.
 */

import type { BetaSchedule } from "../core/diffusion/schedule.ts";
import type { NormMode, Precision, RenderSettings, SamplerName } from "../core/settings/render-settings.ts";
import { type Infotext, parseInfotext, writeInfotext } from "../formats/infotext/infotext.ts";
import type { ControlPictures, ModelNames, StartPictures } from "../protocol/engine.ts";

/** Pictures that a clip begins with or follows; a text says that there were some, but does not hold them. */
export interface PicturesUsed {
  readonly start?: Pick<StartPictures, "name" | "strength">;
  readonly control?: Pick<ControlPictures, "name" | "weight">;
}

/** What a text said; what it did not say is absent. */
export interface RestoredSettings {
  readonly settings: Partial<RenderSettings>;
  readonly checkpoint: string | undefined;
  readonly motion: string | null | undefined;
  readonly loras: readonly { readonly name: string; readonly weight: number }[];
  /** null: the checkpoint's own. */
  readonly vae: string | null | undefined;
  /** null: from noise. */
  readonly start: { readonly name: string; readonly strength: number } | null | undefined;
  /** What the text calls a sampler that is not among ours; the settings then hold the nearest, if there is one. */
  readonly otherSampler: string | undefined;
  /** null: no control model. */
  readonly control: { readonly model: string; readonly name: string; readonly weight: number } | null | undefined;
}

/** The words A1111's "Sampler" field uses, and ours where it has none. */
export const samplerWords: Readonly<Record<SamplerName, string>> = {
  ddim: "DDIM",
  ddim_trailing: "DDIM trailing",
  euler: "Euler",
  euler_a: "Euler a",
  euler_trailing: "Euler trailing",
  euler_leading: "Euler leading",
  heun: "Heun",
  dpmpp_2m: "DPM++ 2M",
  dpmpp_2m_karras: "DPM++ 2M Karras",
  pndm: "PNDM",
  unipc: "UniPC",
  lcm: "LCM",
};

const betaSchedules: readonly BetaSchedule[] = ["linear", "scaled_linear", "sqrt_linear"];
const precisions: readonly Precision[] = ["fp32", "fp16", "q8", "q4"];
const normModes: readonly NormMode[] = ["original", "diffusers"];
const contextModes: readonly RenderSettings["contextMode"][] = ["window", "freenoise"];
const longPrompts: readonly RenderSettings["longPrompts"][] = ["truncate", "chunk"];
const promptSyntaxes: readonly RenderSettings["promptSyntax"][] = ["plain", "a1111"];
const noMotion = "none";
const version = "Zoetrope";

export function settingsText(settings: RenderSettings, models: ModelNames, pictures: PicturesUsed = {}): string {
  const fields = new Map<string, string>([
    ["Steps", String(settings.steps)],
    ["Sampler", samplerWords[settings.sampler]],
    ["CFG scale", String(settings.cfgScale)],
    ["Seed", String(settings.seed)],
    ["Size", `${settings.width}x${settings.height}`],
    ["Model", models.checkpoint],
    ["Clip skip", String(settings.clipSkip)],
    ["Motion module", models.motion ?? noMotion],
    ["Frames", String(settings.frames)],
    ["FPS", String(settings.fps)],
    ["Beta schedule", settings.schedule ?? "automatic"],
    ["Norm", settings.norm],
    ["Precision", settings.precision],
    ["Context", `${settings.contextLength}/${settings.contextOverlap} ${settings.contextMode}`],
    ["Long prompts", settings.longPrompts],
    ["Prompt syntax", settings.promptSyntax],
  ]);
  if (settings.variation !== undefined) {
    fields.set("Variation seed", String(settings.variation.seed));
    fields.set("Variation seed strength", String(settings.variation.strength));
  }
  if (models.vae !== undefined) fields.set("VAE", models.vae);
  if (models.loras.length > 0) fields.set("Lora", models.loras.map(({ name, weight }) => `${name}: ${weight}`).join(", "));
  if (settings.promptAt.length > 0)
    fields.set("Prompt at", JSON.stringify(settings.promptAt.map(({ frame, text }) => [frame, text])));
  if (pictures.start !== undefined) {
    fields.set("Denoising strength", String(pictures.start.strength));
    fields.set("Start picture", pictures.start.name);
  }
  if (pictures.control !== undefined && models.control !== undefined) {
    fields.set("Control model", models.control);
    fields.set("Control weight", String(pictures.control.weight ?? 1));
    fields.set("Control picture", pictures.control.name);
  }
  fields.set("Version", version);
  return writeInfotext({ prompt: settings.prompt, negative: settings.negative, fields });
}

/** null when the text has no settings at all, only words. */
export function parseSettingsText(text: string): RestoredSettings | null {
  const info = parseInfotext(text);
  if (info.fields.size === 0) return null;
  const { fields } = info;
  const motion = fields.get("Motion module");
  const { sampler, other } = samplerOf(fields.get("Sampler"), fields.get("Schedule type"));
  return {
    settings: {
      prompt: info.prompt,
      negative: info.negative,
      ...numbersOf(fields),
      ...defined({ sampler }),
      ...choicesOf(fields),
      ...variationOf(fields),
      ...travelOf(fields),
    },
    checkpoint: fields.get("Model"),
    motion: motion === noMotion ? null : motion,
    loras: lorasOf(fields.get("Lora") ?? ""),
    otherSampler: other,
    ...onlySaidWhereUsed(fields),
  };
}

/** What a text made here does not mention was not used; other tools may say it in other words. */
function onlySaidWhereUsed(fields: Infotext["fields"]): Pick<RestoredSettings, "vae" | "start" | "control"> {
  const unsaid = fields.get("Version") === version ? null : undefined;
  const [start, model] = [fields.get("Start picture"), fields.get("Control model")];
  return {
    vae: fields.get("VAE") ?? unsaid,
    start: start === undefined ? unsaid : { name: start, strength: numberOf(fields.get("Denoising strength")) ?? 1 },
    control:
      model === undefined
        ? unsaid
        : { model, name: fields.get("Control picture") ?? "", weight: numberOf(fields.get("Control weight")) ?? 1 },
  };
}

function numbersOf(fields: Infotext["fields"]): Partial<RenderSettings> {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(fields.get("Size") ?? "") ?? [];
  return defined({
    steps: numberOf(fields.get("Steps")),
    cfgScale: numberOf(fields.get("CFG scale")),
    seed: numberOf(fields.get("Seed")),
    clipSkip: numberOf(fields.get("Clip skip")),
    frames: numberOf(fields.get("Frames")),
    fps: numberOf(fields.get("FPS")),
    width: numberOf(width),
    height: numberOf(height),
  });
}

function choicesOf(fields: Infotext["fields"]): Partial<RenderSettings> {
  const schedule = fields.get("Beta schedule");
  return defined({
    schedule: schedule === "automatic" ? null : betaSchedules.find((name) => name === schedule),
    norm: normModes.find((name) => name === fields.get("Norm")),
    precision: precisions.find((name) => name === fields.get("Precision")),
    longPrompts: longPrompts.find((name) => name === fields.get("Long prompts")),
    promptSyntax: promptSyntaxes.find((name) => name === fields.get("Prompt syntax")),
    ...contextOf(fields.get("Context")),
  });
}

/** "16/4 window" */
function contextOf(text: string | undefined): Partial<RenderSettings> {
  const [, length, overlap, mode] = /^(\d+)\/(\d+) (\w+)$/.exec(text ?? "") ?? [];
  const contextMode = contextModes.find((name) => name === mode);
  return contextMode === undefined ? {} : { contextLength: Number(length), contextOverlap: Number(overlap), contextMode };
}

/** Spacings of the noise levels that are a sampler of their own here, or none. */
const spacing = /\s+(karras|exponential|polyexponential|sgm uniform|simple|normal|ddim|beta)$/i;

/** Older files say "DPM++ 2M Karras", newer ones "DPM++ 2M" with "Schedule type: Karras"; "Automatic" is what A1111 takes for that sampler. */
function samplerOf(sampler = "", scheduleType = "Uniform"): { sampler?: SamplerName | undefined; other?: string } {
  if (sampler === "") return {};
  const automatic = sampler === samplerWords.dpmpp_2m ? "Karras" : "Uniform";
  const schedule = scheduleType === "Automatic" ? automatic : scheduleType;
  const words = schedule === "Uniform" ? sampler : `${sampler} ${schedule}`;
  const exact = samplerCalled(words);
  return exact === undefined ? { sampler: samplerCalled(words.replace(spacing, "")), other: words } : { sampler: exact };
}

function samplerCalled(words: string): SamplerName | undefined {
  const names = Object.keys(samplerWords) as SamplerName[];
  return names.find((name) => samplerWords[name].toLowerCase() === words.toLowerCase());
}

function variationOf(fields: Infotext["fields"]): Partial<RenderSettings> {
  const [seed, strength] = [numberOf(fields.get("Variation seed")), numberOf(fields.get("Variation seed strength"))];
  return seed === undefined || strength === undefined ? {} : { variation: { seed, strength } };
}

function travelOf(fields: Infotext["fields"]): Partial<RenderSettings> {
  const text = fields.get("Prompt at");
  if (text === undefined) return {};
  try {
    const pairs: unknown = JSON.parse(text);
    if (!Array.isArray(pairs)) return {};
    return { promptAt: pairs.map(([frame, words]) => ({ frame: Number(frame), text: String(words) })) };
  } catch {
    return {};
  }
}

function lorasOf(text: string): { name: string; weight: number }[] {
  return [...text.matchAll(/(.+?): (-?\d+(?:\.\d+)?)(?:, |$)/g)].map(([, name, weight]) => ({
    name: name ?? "",
    weight: Number(weight),
  }));
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The entries that have a value. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
