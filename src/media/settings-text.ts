/**
 * An animation's settings, models and pictures as "parameters" text and back. The settings' keys are the schema's (other tools read
 * Steps, Sampler, CFG scale, Seed, Size, Clip skip); models and pictures follow.
 */

import { SAMPLER_NAMES, samplerLabel } from "../core/diffusion/sampler.ts";
import { infotextFields, readInfotextFields } from "../core/settings/infotext.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import type { Schema } from "../core/settings/setting.ts";
import { type Infotext, parseInfotext, writeInfotext } from "../formats/infotext/infotext.ts";
import type { ControlPictures, ModelNames, StartPictures } from "../protocol/engine.ts";

/** Pictures that a clip begins with or follows. A text names them and does not hold them. */
export interface PicturesUsed {
  readonly start?: Pick<StartPictures, "name" | "strength">;
  readonly control?: Pick<ControlPictures, "name" | "weight">;
}

/** What a text says; what it does not say is absent. */
export interface RestoredSettings {
  readonly settings: Partial<RenderSettings>;
  readonly checkpoint: string | undefined;
  readonly motion: string | null | undefined;
  readonly loras: readonly { readonly name: string; readonly weight: number }[];
  /** null: the checkpoint's own. */
  readonly vae: string | null | undefined;
  /** null: from noise. */
  readonly start: { readonly name: string; readonly strength: number } | null | undefined;
  /** The text's name for a sampler that we do not have; the settings then hold the nearest one, if any. */
  readonly otherSampler: string | undefined;
  /** null: no control model. */
  readonly control: { readonly model: string; readonly name: string; readonly weight: number } | null | undefined;
}

const noMotion = "none";
const version = "Zoetrope";

export function settingsText(
  settings: RenderSettings,
  models: ModelNames,
  pictures: PicturesUsed = {},
  schema: Schema = settingsSchema,
): string {
  const fields = infotextFields(settings, schema);
  fields.set("Model", models.checkpoint);
  fields.set("Motion module", models.motion ?? noMotion);
  if (models.vae !== undefined) fields.set("VAE", models.vae);
  if (models.loras.length > 0) fields.set("Lora", models.loras.map(({ name, weight }) => `${name}: ${weight}`).join(", "));
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
export function parseSettingsText(text: string, schema: Schema = settingsSchema): RestoredSettings | null {
  const info = parseInfotext(text);
  if (info.fields.size === 0) return null;
  const { fields } = info;
  const motion = fields.get("Motion module");
  const { sampler, other } = samplerOf(fields.get("Sampler"), fields.get("Schedule type"));
  const said = readInfotextFields(sampler === undefined ? fields : new Map([...fields, ["Sampler", sampler]]), schema);
  return {
    settings: { prompt: info.prompt, negative: info.negative, ...said },
    checkpoint: fields.get("Model"),
    motion: motion === noMotion ? null : motion,
    loras: lorasOf(fields.get("Lora") ?? ""),
    otherSampler: other,
    ...onlySaidWhereUsed(fields),
  };
}

/** A text made here names a VAE or pictures only where they were used; other tools may say them in other words. */
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

/** Spacings of the noise levels that are a sampler of their own here, or none. */
const spacing = /\s+(karras|exponential|polyexponential|sgm uniform|simple|normal|ddim|beta)$/i;

/**
 * The label of our sampler. Older files say "DPM++ 2M Karras", newer ones "DPM++ 2M" with "Schedule type: Karras"; "Automatic" is
 * what A1111 takes for that sampler. `other` is the file's name for a sampler that is not ours; `sampler` is then the nearest of ours.
 */
function samplerOf(sampler = "", scheduleType = "Uniform"): { sampler?: string | undefined; other?: string } {
  if (sampler === "") return {};
  const automatic = sampler === samplerLabel("dpmpp_2m") ? "Karras" : "Uniform";
  const schedule = scheduleType === "Automatic" ? automatic : scheduleType;
  const words = schedule === "Uniform" ? sampler : `${sampler} ${schedule}`;
  return isOurs(words) ? { sampler: words } : { sampler: words.replace(spacing, ""), other: words };
}

function isOurs(words: string): boolean {
  return SAMPLER_NAMES.some((name) => samplerLabel(name).toLowerCase() === words.toLowerCase());
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
