/**
 * An animation's settings, models and pictures as "parameters" text and back. The settings' keys are the schema's (other tools read
 * Steps, Sampler, CFG scale, Seed, Size, Clip skip); models and pictures follow.
 */

import { samplerLabel } from "../core/diffusion/sampler-names.ts";
import { PREPROCESSORS } from "../core/preprocess/preprocessor-names.ts";
import { mayBeAutomatic } from "../core/settings/fields.ts";
import { infotextFields, readInfotextFields } from "../core/settings/infotext.ts";
import { type RenderSettings, settingsOf, valuesOf } from "../core/settings/render-settings.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import type { Schema } from "../core/settings/setting.ts";
import { type Infotext, parseInfotext, writeInfotext } from "../formats/infotext/infotext.ts";
import type {
  ControlPictures,
  HeldPicture,
  HeldPlace,
  LikenessPictures,
  ModelNames,
  RenderRequest,
  StartPictures,
} from "../protocol/engine.ts";
import { parseJsonSettings } from "./json-settings.ts";
import { FEWEST_TELLING, TELLING_KEYS } from "./may-say-settings.ts";
import { samplerOf } from "./sampler-words.ts";

type ControlUsed = Omit<ControlPictures, "model" | "pictures">;

/** What a text says beside settings and models: the pictures, by name only, and the settings that were left to the page. */
export interface AlsoSaid {
  readonly automatic?: RenderRequest["automatic"];
  readonly start?: Pick<StartPictures, "name" | "strength">;
  readonly control?: ControlUsed;
  readonly moreControls?: readonly ControlUsed[];
  readonly likeness?: Pick<LikenessPictures, "name" | "weight" | "endWeight">;
  readonly heldFrames?: readonly Pick<HeldPicture, "place" | "name">[];
}

/** What a text says; what it does not say is absent. */
export interface RestoredSettings {
  readonly settings: Partial<RenderSettings>;
  /** Names of the settings whose values the page had chosen. */
  readonly automatic: readonly string[];
  readonly checkpoint: string | undefined;
  readonly motion: string | null | undefined;
  readonly loras: readonly { readonly name: string; readonly weight: number }[];
  /** null: the checkpoint's own. */
  readonly vae: string | null | undefined;
  /** null: from noise. */
  readonly start: { readonly name: string; readonly strength: number } | null | undefined;
  /** The text's name for a sampler that we do not have; the settings then hold the nearest one, if any. */
  readonly otherSampler: string | undefined;
  /** Keys of the text that change nothing here. */
  readonly unread: readonly string[];
  /** The names of pictures that frames are given as; absent in a text of ours: none. */
  readonly heldFrames: readonly Pick<HeldPicture, "place" | "name">[] | undefined;
  /** Empty: no control model. `model` is its name, `drawnBy` that of a preprocessor with a model. */
  readonly controls: readonly (ControlUsed & { readonly model: string; readonly drawnBy?: string })[] | undefined;
  /** null: no IP-Adapter. */
  readonly likeness: (NonNullable<AlsoSaid["likeness"]> & { readonly model: string }) | null | undefined;
}

const HELD_KEYS = { first: "First frame", last: "Last frame" } as const satisfies Record<HeldPlace, string>;
const noMotion = "none";
const version = "Zoetrope";

export function settingsText(
  settings: RenderSettings,
  models: ModelNames,
  also: AlsoSaid = {},
  schema: Schema = settingsSchema,
): string {
  const fields = infotextFields(settings, schema);
  fields.set("Model", models.checkpoint);
  fields.set("Motion module", models.motion ?? noMotion);
  if (models.vae !== undefined) fields.set("VAE", models.vae);
  if (models.loras.length > 0) fields.set("Lora", models.loras.map(({ name, weight }) => `${name}: ${weight}`).join(", "));
  if (also.start !== undefined) {
    fields.set("Denoising strength", String(also.start.strength));
    fields.set("Start picture", also.start.name);
  }
  for (const { place, name } of also.heldFrames ?? []) fields.set(HELD_KEYS[place], name);
  for (const [key, value] of controlFields(models, also)) fields.set(key, value);
  if (also.likeness !== undefined && models.ipAdapter !== undefined) {
    fields.set("IP-Adapter model", models.ipAdapter);
    fields.set("IP-Adapter weight", String(also.likeness.weight));
    if (also.likeness.endWeight !== undefined) fields.set("IP-Adapter end weight", String(also.likeness.endWeight));
    fields.set("IP-Adapter picture", also.likeness.name);
  }
  const automatic = (also.automatic ?? []).flatMap((name) => schema[name]?.infotext ?? []);
  if (automatic.length > 0) fields.set(LEFT_TO_PAGE, automatic.join(", "));
  fields.set("Version", version);
  return writeInfotext({ prompt: settings.prompt, negative: settings.negative, fields });
}

/** "Control model: canny" and so on for the first; "Control 2 model" for the next. */
function* controlFields(models: ModelNames, { control, moreControls = [] }: AlsoSaid): Iterable<readonly [string, string]> {
  const names = [models.control, ...(models.moreControls ?? [])];
  const used = control === undefined ? [] : [control, ...moreControls];
  for (const [i, { name, weight = 1, start = 0, end = 1, preprocessor }] of used.entries()) {
    const model = names[i];
    if (model === undefined) continue;
    const key = controlKey(i);
    yield [`${key} model`, model];
    yield [`${key} weight`, String(weight)];
    if (start !== 0 || end !== 1) yield [`${key} steps`, `${start}-${end}`];
    if (typeof preprocessor === "string") yield [`${key} shown as`, preprocessor];
    const drawnBy = models.preprocessors?.[i];
    if (drawnBy != null) yield [`${key} drawn by`, drawnBy];
    yield [`${key} picture`, name];
  }
}

function controlKey(index: number): string {
  return index === 0 ? "Control" : `Control ${index + 1}`;
}

/**
 * Reads "parameters" text, ours and that of other tools, and the JSON that some tools write in its place.
 * @returns null when the text has no settings at all, only words
 */
export function parseSettingsText(text: string, schema: Schema = settingsSchema): RestoredSettings | null {
  const info = parseJsonSettings(text) ?? parseInfotext(text);
  const fields = new Map([...animateDiffFields(info.fields.get(ANIMATE_DIFF)), ...info.fields]);
  if (!saysSettings(fields)) return null;
  const ours = fields.get("Version") === version;
  const name = (key: string) => modelName(fields.get(key), ours);
  const motion = name("Motion module");
  const { sampler, other } = samplerOf(fields.get("Sampler"), fields.get("Schedule type"));
  const label = sampler === undefined ? fields : new Map([...fields, ["Sampler", samplerLabel(sampler)]]);
  const { said, unread } = usable(label, schema);
  const start = fields.has("Start picture") ? ["Denoising strength"] : [];
  return {
    // Another tool's text without a prompt says nothing about the one that is there.
    settings: { ...(ours || info.prompt !== "" ? { prompt: info.prompt, negative: info.negative } : {}), ...said },
    automatic: automaticNames(fields.get(LEFT_TO_PAGE) ?? "", schema),
    checkpoint: name("Model"),
    motion: motion === noMotion ? null : motion,
    loras: lorasOf(fields.get("Lora") ?? ""),
    otherSampler: other,
    ...onlySaidWhereUsed(fields),
    unread: unread.filter((key) => !READ_HERE.test(key) && !start.includes(key)),
  };
}

function automaticNames(text: string, schema: Schema): string[] {
  const keys = text.split(", ");
  return Object.entries(schema).flatMap(([name, setting]) =>
    setting.infotext !== null && keys.includes(setting.infotext) && mayBeAutomatic(setting) ? [name] : [],
  );
}

const LEFT_TO_PAGE = "Automatic";
const ANIMATE_DIFF = "AnimateDiff";
/** Keys that this file reads, and bookkeeping that does not change a picture. */
const READ_HERE =
  /^(Model|Motion module|VAE|Lora|Sampler|Schedule type|Automatic|Start picture|(Control( \d+)?|IP-Adapter) (model|weight|end weight|picture|steps|shown as|drawn by)|(First|Last) frame|AnimateDiff|Version|Civitai .*|(Negative )?Template|.*\bhash(es)?|Created Date|App|User|Backend|Pipeline|Operations)$/i;

function saysSettings(fields: Infotext["fields"]): boolean {
  return Object.entries(TELLING_KEYS).filter(([key, value]) => value.test(fields.get(key) ?? "")).length >= FEWEST_TELLING;
}

/** The settings that can be used, and the keys of the text that say something else. */
function usable(fields: Infotext["fields"], schema: Schema): { said: Partial<RenderSettings>; unread: string[] } {
  const values = valuesOf(readInfotextFields(fields, schema));
  const fits = ([name, value]: readonly [string, unknown]) => {
    const setting = schema[name]!;
    return setting.kind !== "number" || (typeof value === "number" && value >= setting.min && value <= setting.max);
  };
  const good = Object.entries(values).filter(fits);
  const keys = new Set(good.map(([name]) => schema[name]!.infotext));
  for (const [name, value] of Object.entries(values)) if (!fits([name, value])) keys.delete(schema[name]!.infotext);
  return { said: settingsOf(Object.fromEntries(good)), unread: [...fields.keys()].filter((key) => !keys.has(key)) };
}

/** A1111's AnimateDiff extension: "enable: True, model: mm.ckpt, video_length: 16, fps: 8, closed_loop: R+P, …". */
function animateDiffFields(text = ""): Map<string, string> {
  const pairs = new Map([...text.matchAll(/(\w+):\s*([^,]*)/g)].map(([, key, value]) => [key!, value!.trim()]));
  if (pairs.get("enable")?.toLowerCase() === "false") return new Map();
  const keys = { "Motion module": "model", Frames: "video_length", FPS: "fps" };
  const loop = pairs.get("closed_loop");
  const found = [
    ...Object.entries(keys).map(([key, theirs]) => [key, pairs.get(theirs) ?? ""] as const),
    // N: none; R-P, R+P and A differ in how they go on to the first prompt.
    ["Closed loop", loop === undefined ? "" : loop === "N" ? "off" : "on"] as const,
  ];
  return new Map(found.filter(([, value]) => value !== ""));
}

/** Other tools name models with the endings of their files or the folders they lie in. */
function modelName(text: string | undefined, ours: boolean): string | undefined {
  if (text === undefined || text === "" || ours) return text || undefined;
  return text.replace(/^.*[\\/]/, "").replace(/\.(safetensors|ckpt|pt|pth|bin)$/i, "");
}

/** A text made here names a VAE or pictures only where they were used; other tools may say them in other words. */
function onlySaidWhereUsed(
  fields: Infotext["fields"],
): Pick<RestoredSettings, "vae" | "start" | "heldFrames" | "controls" | "likeness"> {
  const unsaid = fields.get("Version") === version ? null : undefined;
  const start = fields.get("Start picture");
  const controls = controlsIn(fields);
  const held = (["first", "last"] as const).flatMap((place) => {
    const name = fields.get(HELD_KEYS[place]);
    return name === undefined ? [] : [{ place, name }];
  });
  const adapter = fields.get("IP-Adapter model");
  const endWeight = numberOf(fields.get("IP-Adapter end weight"));
  return {
    vae: modelName(fields.get("VAE"), unsaid === null) ?? unsaid,
    start: start === undefined ? unsaid : { name: start, strength: numberOf(fields.get("Denoising strength")) ?? 1 },
    heldFrames: held.length > 0 || unsaid === null ? held : undefined,
    controls: controls.length > 0 || unsaid === null ? controls : undefined,
    likeness:
      adapter === undefined
        ? unsaid
        : {
            model: adapter,
            name: fields.get("IP-Adapter picture") ?? "",
            weight: numberOf(fields.get("IP-Adapter weight")) ?? 1,
            ...(endWeight === undefined ? {} : { endWeight }),
          },
  };
}

function controlsIn(fields: Infotext["fields"]): NonNullable<RestoredSettings["controls"]> {
  const found: NonNullable<RestoredSettings["controls"]>[number][] = [];
  for (let i = 0; ; i++) {
    const key = controlKey(i);
    const model = fields.get(`${key} model`);
    if (model === undefined) return found;
    const [start, end] = (fields.get(`${key} steps`) ?? "").split("-").map(numberOf);
    const shown = PREPROCESSORS.find((name) => name === fields.get(`${key} shown as`));
    const drawnBy = fields.get(`${key} drawn by`);
    found.push({
      model,
      name: fields.get(`${key} picture`) ?? "",
      weight: numberOf(fields.get(`${key} weight`)) ?? 1,
      ...(start === undefined || end === undefined ? {} : { start, end }),
      ...(shown === undefined ? {} : { preprocessor: shown }),
      ...(drawnBy === undefined ? {} : { drawnBy }),
    });
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
