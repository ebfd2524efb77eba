/**
 * Settings as the fields of "parameters" text and back: "Steps" -> "20". Prompts have lines of their own there. A value that means
 * nothing here is left out, as other tools write the same keys.
 */

import { isEasing } from "../animation/easing.ts";
import { type Lane, laneText, parseLane } from "../animation/lanes.ts";
import { type RenderSettings, settingsOf, valuesOf } from "./render-settings.ts";
import { settingsSchema } from "./schema.ts";
import type { Keyframe, Schema, Setting, SettingValue, Values } from "./setting.ts";

/** Fields that say several settings at once. */
const JOINT_FIELDS: Readonly<Record<string, string>> = {
  Size: "{width}x{height}",
  Context: "{contextLength}/{contextOverlap} {contextMode}",
};

/** The word for null: the choice is left to the model. */
const AUTOMATIC = "automatic";
const [ON, OFF] = ["on", "off"];

/** In the schema's order. */
export function infotextFields(settings: RenderSettings, schema: Schema = settingsSchema): Map<string, string> {
  const values = valuesOf(settings);
  const fields = new Map<string, string>();
  for (const [name, setting] of Object.entries(schema)) {
    const key = setting.infotext;
    if (key === null || fields.has(key)) continue;
    const joint = JOINT_FIELDS[key];
    const text = joint === undefined ? textOf(setting, values[name]) : jointText(joint, values, schema);
    if (text !== null) fields.set(key, text);
  }
  return fields;
}

/** The settings that the fields name; the others are absent. */
export function readInfotextFields(
  fields: ReadonlyMap<string, string>,
  schema: Schema = settingsSchema,
): Partial<RenderSettings> {
  const values: Record<string, SettingValue> = {};
  for (const [name, text] of saidTexts(fields, schema)) {
    const value = readText(schema[name]!, text);
    if (value !== undefined) values[name] = value;
  }
  return settingsOf(values);
}

/** Each setting's text by its name. */
function* saidTexts(fields: ReadonlyMap<string, string>, schema: Schema): Generator<readonly [name: string, text: string]> {
  for (const [name, { infotext }] of Object.entries(schema)) {
    const text = infotext === null ? undefined : fields.get(infotext);
    if (infotext === null || text === undefined) continue;
    const joint = JOINT_FIELDS[infotext];
    const said = joint === undefined ? text : partOf(joint, name, text);
    if (said !== undefined) yield [name, said];
  }
}

function jointText(joint: string, values: Values, schema: Schema): string {
  return joint.replaceAll(/\{(\w+)\}/g, (_, name: string) => textOf(schema[name]!, values[name]) ?? "");
}

/** "512x768", read by "{width}x{height}", says 512 for width. */
function partOf(joint: string, name: string, text: string): string | undefined {
  return new RegExp(`^${joint.replaceAll(/\{(\w+)\}/g, "(?<$1>\\w+?)")}$`).exec(text)?.groups?.[name];
}

/** null: nothing to say. */
function textOf(setting: Setting, value: SettingValue | undefined): string | null {
  if (value === undefined) return null;
  switch (setting.kind) {
    case "choice":
      if (value === null) return AUTOMATIC;
      return setting.infotextSays === "label" ? labelOf(setting.choices, value) : String(value);
    case "switch":
      return value === true ? ON! : OFF!;
    case "list": {
      const keyframes = value as readonly Keyframe[];
      return keyframes.length === 0
        ? null
        : JSON.stringify(keyframes.map(({ frame, text, easing }) => [frame, text, ...(easing === undefined ? [] : [easing])]));
    }
    case "lanes": {
      const lanes = value as readonly Lane[];
      return lanes.length === 0 ? null : JSON.stringify(lanes.map(laneText));
    }
    default:
      return String(value);
  }
}

function labelOf(choices: readonly { readonly value: string; readonly label: string }[], value: SettingValue): string {
  return choices.find((each) => each.value === value)?.label ?? String(value);
}

function readText(setting: Setting, text: string): SettingValue | undefined {
  switch (setting.kind) {
    case "number": {
      const value = text.trim() === "" ? Number.NaN : Number(text);
      return Number.isFinite(value) ? value : undefined;
    }
    case "choice": {
      if (text === AUTOMATIC && setting.default === null) return null;
      const said = setting.infotextSays ?? "value";
      return setting.choices.find((each) => each[said].toLowerCase() === text.toLowerCase())?.value;
    }
    case "switch":
      return text === ON || text === OFF ? text === ON : undefined;
    case "text":
      return text;
    case "list":
      return keyframesIn(text);
    case "lanes":
      return lanesIn(text);
  }
}

/** `[[8, "a fish"], [12, "a star", "smooth"]]` */
function keyframesIn(text: string): Keyframe[] | undefined {
  try {
    const pairs: unknown = JSON.parse(text);
    if (!Array.isArray(pairs)) return undefined;
    return pairs.map(([frame, words, easing]) => ({
      ...{ frame: Number(frame), text: String(words) },
      ...(isEasing(easing) ? { easing } : {}),
    }));
  } catch {
    return undefined;
  }
}

/** `["cfg=0:3,15:9"]` */
function lanesIn(text: string): Lane[] | undefined {
  try {
    const texts: unknown = JSON.parse(text);
    return Array.isArray(texts) ? texts.map((each) => parseLane(String(each))).filter((lane) => lane !== null) : undefined;
  } catch {
    return undefined;
  }
}
