/**
 * Settings as the part of an address behind "#", readable and complete: a setting that is not mentioned is as on a first visit. A link
 * names models and does not carry them.
 */
import { isEasing } from "../../core/animation/easing.ts";
import { type Lane, laneText, parseLane } from "../../core/animation/lanes.ts";
import { choicesOf, type SettingFields } from "../../core/settings/fields.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import type { Keyframe, Schema, Setting } from "../../core/settings/setting.ts";
import type { SettingsSlice } from "../store/settings.ts";

/** Models by the names a person knows them by; undefined: not mentioned. */
export interface LinkedModels {
  readonly checkpoint: string | undefined;
  readonly motion: string | null | undefined;
  readonly vae: string | null;
  readonly loras: readonly { readonly name: string; readonly weight: string }[];
}

export type LinkedSettings = SettingFields & Pick<SettingsSlice, "seedMode">;

export interface Linked {
  readonly settings: LinkedSettings;
  readonly models: LinkedModels;
}

const longestNumber = 24;
const none = "none";

/**
 * @param first the settings of a first visit, which a link need not name
 * @returns the text behind "#"
 */
export function encodeLink({ settings, models }: Linked, first: LinkedSettings, schema: Schema = settingsSchema): string {
  const query = new URLSearchParams();
  for (const [name, { link, inEveryLink }] of wordsFirst(schema)) {
    const texts = linkTexts(settings, name, schema);
    const isFirst = JSON.stringify(texts) === JSON.stringify(linkTexts(first, name, schema));
    if (inEveryLink || !isFirst) for (const text of texts) query.append(link, text);
  }
  if (models.checkpoint !== undefined) query.append("model", models.checkpoint);
  if (models.motion !== undefined) query.append("motion", models.motion ?? none);
  if (models.vae !== null) query.append("vae", models.vae);
  for (const { name, weight } of models.loras) query.append("lora", `${name}:${weight}`);
  return query.toString();
}

/** null when the text is no settings. What cannot be used is left out. */
export function decodeLink(text: string, first: LinkedSettings, schema: Schema = settingsSchema): Linked | null {
  const query = new URLSearchParams(text.replace(/^#/, ""));
  if (!query.has(settingsSchema.prompt.link)) return null;
  const motion = query.get("motion");
  return {
    settings: decodeSettings(query, first, schema),
    models: {
      checkpoint: query.get("model") ?? undefined,
      motion: motion === none ? null : (motion ?? undefined),
      vae: query.get("vae"),
      loras: query.getAll("lora").flatMap(loraOf),
    },
  };
}

/** Settings with the prompts before all others, so that an address begins with what it shows. */
function wordsFirst(schema: Schema): (readonly [name: string, setting: Setting])[] {
  const isWords = ({ kind }: Setting) => kind === "text" || kind === "list" || kind === "lanes";
  const entries = Object.entries(schema);
  return [...entries.filter(([, setting]) => isWords(setting)), ...entries.filter(([, setting]) => !isWords(setting))];
}

/** What a link says of a setting: one text, several keyframes, or nothing of a seed that is drawn anew each time. */
function linkTexts({ numbers, keyframes, lanes, seedMode, ...others }: LinkedSettings, name: string, schema: Schema): string[] {
  if (name === "seed" && seedMode === "random") return [];
  switch (schema[name]!.kind) {
    case "list":
      return keyframes.map(({ frame, text, easing }) => `${frame}${easing === undefined ? "" : `/${easing}`}:${text}`);
    case "lanes":
      return lanes.map(laneText);
    case "number":
      return [(numbers as Readonly<Record<string, string>>)[name]!];
    default:
      return [(others as unknown as Readonly<Record<string, string>>)[name]!];
  }
}

function decodeSettings(query: URLSearchParams, first: LinkedSettings, schema: Schema): LinkedSettings {
  const numbers: Record<string, string> = { ...first.numbers };
  const others: Record<string, string> = {};
  let keyframes: Keyframe[] = [];
  let lanes: Lane[] = [];
  for (const [name, setting] of Object.entries(schema)) {
    const text = query.get(setting.link);
    const usual = (first as unknown as Readonly<Record<string, string>>)[name]!;
    if (setting.kind === "number") numbers[name] = text?.slice(0, longestNumber) ?? numbers[name]!;
    else if (setting.kind === "list") keyframes = query.getAll(setting.link).flatMap(keyframeOf);
    else if (setting.kind === "lanes") lanes = query.getAll(setting.link).flatMap((each) => parseLane(each) ?? []);
    else if (setting.kind === "text") others[name] = text ?? usual;
    else others[name] = choicesOf(setting).find(({ value }) => value === text)?.value ?? usual;
  }
  const locked = query.has(settingsSchema.seed.link);
  if (!locked) numbers.seed = "";
  return { ...others, numbers, keyframes, lanes, seedMode: locked ? "locked" : "random" } as unknown as LinkedSettings;
}

function keyframeOf(text: string): Keyframe[] {
  const [, frame, easing, words] = /^(\d{1,4})(?:\/([a-z-]+))?:([\s\S]*)$/.exec(text) ?? [];
  if (words === undefined) return [];
  return [{ frame: Number(frame), text: words, ...(isEasing(easing) ? { easing } : {}) }];
}

function loraOf(text: string): { name: string; weight: string }[] {
  const [, name, weight] = /^([\s\S]+):(-?\d{0,2}[.,]?\d{0,4})$/.exec(text) ?? [];
  return name === undefined || weight === undefined ? [] : [{ name, weight }];
}
