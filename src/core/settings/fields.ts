/**
 * Settings as the fields of a page hold them. Numbers are kept as typed, so that nothing is lost or silently changed while it cannot
 * be used; choices have "automatic" among them where the schema offers it; switches are "on" or "off".
 */

import type { Lane } from "../animation/lanes.ts";
import { type RenderSettings, valuesOf } from "./render-settings.ts";
import {
  type ChoiceName,
  type NumberName,
  type SettingsSchema,
  type SwitchName,
  settingsSchema,
  type TextName,
} from "./schema.ts";
import type {
  Choice,
  ChoiceSetting,
  Keyframe,
  NumberSetting,
  Schema,
  Setting,
  SettingValue,
  SwitchSetting,
  ValueOf,
  Values,
} from "./setting.ts";

export const AUTOMATIC = "automatic";

type ChoiceFields = {
  readonly [Name in ChoiceName]:
    | Exclude<ValueOf<SettingsSchema[Name]>, null>
    | (SettingsSchema[Name] extends { readonly automatic: string } ? typeof AUTOMATIC : never);
};
type SwitchFields = { readonly [Name in SwitchName]: "on" | "off" };
type TextFields = { readonly [Name in TextName]: string };

/** Fields whose value is picked from a list. */
export type PickedFields = ChoiceFields & SwitchFields;

export type SettingFields = PickedFields &
  TextFields & {
    readonly numbers: Readonly<Record<NumberName, string>>;
    /** Prompts from later frames on, in order; the first frame's is `prompt`. */
    readonly keyframes: readonly Keyframe[];
    /** Numbers that change over the frames. */
    readonly lanes: readonly Lane[];
  };

/** A setting that the page shows as a list to pick from. */
export type PickedSetting = ChoiceSetting | SwitchSetting;

export function isPicked(setting: Setting): setting is PickedSetting {
  return setting.kind === "choice" || setting.kind === "switch";
}

/** The choices as a person reads them, "automatic" first. */
export function choicesOf(setting: PickedSetting): readonly Choice[] {
  if (setting.kind === "switch") {
    return [
      { value: "off", label: "Off" },
      { value: "on", label: "On" },
    ];
  }
  const { automatic, choices } = setting;
  return automatic === undefined ? choices : [{ value: AUTOMATIC, label: automatic }, ...choices];
}

/** The fields as a first visit finds them. */
export function firstFields(schema: Schema = settingsSchema): SettingFields {
  const numbers: Record<string, string> = {};
  const others: Record<string, string> = {};
  for (const [name, setting] of Object.entries(schema)) {
    if (setting.kind === "number") numbers[name] = firstNumber(setting);
    else if (setting.kind === "text") others[name] = setting.firstVisit ?? setting.default;
    else if (isPicked(setting)) others[name] = firstPick(setting);
  }
  return { ...others, numbers, keyframes: [], lanes: [] } as unknown as SettingFields;
}

function firstNumber({ firstVisit, default: usual }: NumberSetting): string {
  return firstVisit === null ? "" : String(firstVisit ?? usual);
}

function firstPick(setting: PickedSetting): string {
  if (setting.kind === "switch") return setting.default ? "on" : "off";
  return setting.firstVisit ?? (setting.automatic === undefined ? String(setting.default) : AUTOMATIC);
}

/** Settings as fields, without lists, which have an editor of their own. */
export function fieldsOf(
  settings: Partial<RenderSettings>,
  schema: Schema = settingsSchema,
): { readonly numbers: Partial<Record<NumberName, string>>; readonly others: Partial<PickedFields & TextFields> } {
  const numbers: Record<string, string> = {};
  const others: Record<string, string> = {};
  for (const [name, value] of Object.entries(valuesOf(settings))) {
    const setting = schema[name];
    if (setting === undefined || value === undefined || setting.kind === "list" || setting.kind === "lanes") continue;
    if (setting.kind === "number") numbers[name] = String(value);
    else if (setting.kind === "switch") others[name] = value === true ? "on" : "off";
    else others[name] = value === null ? AUTOMATIC : String(value);
  }
  return { numbers, others };
}

/** The fields of settings that are left to the page. Names that cannot be are ignored, since another version may have written them. */
export function automaticFields(
  names: readonly string[],
  schema: Schema = settingsSchema,
): { readonly numbers: Partial<Record<NumberName, string>>; readonly others: Partial<PickedFields> } {
  const canBe = (kind: "choice" | "number") =>
    names.filter((name) => schema[name]?.kind === kind && mayBeAutomatic(schema[name]));
  const filled = (kind: "choice" | "number", text: string) => Object.fromEntries(canBe(kind).map((name) => [name, text]));
  return { numbers: filled("number", ""), others: filled("choice", AUTOMATIC) };
}

export function mayBeAutomatic(setting: Setting): boolean {
  return (
    (setting.kind === "choice" && setting.automatic !== undefined) ||
    (setting.kind === "number" && setting.whenEmpty === AUTOMATIC)
  );
}

/** Picked and written fields as values of settings; "automatic" is null. Numbers are left out, because their bounds depend on the models. */
export function valuesOfFields(fields: PickedFields & TextFields, schema: Schema = settingsSchema): Values {
  const texts = fields as unknown as Readonly<Record<string, string>>;
  const values: Record<string, SettingValue> = {};
  for (const [name, setting] of Object.entries(schema)) {
    if (setting.kind === "switch") values[name] = texts[name] === "on";
    else if (setting.kind === "choice") values[name] = texts[name] === AUTOMATIC ? null : texts[name]!;
    else if (setting.kind === "text") values[name] = texts[name]!;
  }
  return values;
}
