/** Settings as options of the command line: their syntax, their help, and reading their values. */

import { rangeWords } from "../core/settings/range.ts";
import { type RenderSettings, settingsOf } from "../core/settings/render-settings.ts";
import type { Schema, Setting, SettingValue } from "../core/settings/setting.ts";
import { type Given, keyframe, lane, number, oneOf, refuse } from "./values.ts";

/** An option lists its choices in its syntax up to this many, else in its help. */
const FEW_CHOICES = 5;

/** Whether its option may be given several times. */
export function isRepeated({ kind }: Setting): boolean {
  return kind === "list" || kind === "lanes";
}

/** Word for the value of a setting's option: "N", "linear|scaled_linear". null: it takes none. */
export function takes(setting: Setting): string | null {
  switch (setting.kind) {
    case "number":
      return setting.multipleOf < 1 ? "X" : "N";
    case "choice":
      return setting.choices.length > FEW_CHOICES ? "NAME" : valuesOf(setting).join("|");
    case "switch":
      return null;
    case "text":
      return "TEXT";
    case "list":
      return "IDX[:EASING]=TEXT";
    case "lanes":
      return "TARGET=IDX[:EASING]:X,…";
  }
}

/** The sentences of --help on a setting. */
export function help(setting: Setting): string {
  const sentences = [setting.hint];
  if (setting.kind === "number") sentences.push(`${capitalised(rangeWords(setting))}.`);
  if (setting.kind === "choice" && setting.choices.length > FEW_CHOICES) sentences.push(`${valuesOf(setting).join(", ")}.`);
  const usual = usualWords(setting);
  if (usual !== null) sentences.push(setting.fromModel ? `Default: the model's, else ${usual}.` : `Default: ${usual}.`);
  return sentences.join(" ");
}

/**
 * Reads the settings of an animation that were given. The others are absent, so that the models' suggestions can step in.
 * @throws ZoetropeError `arguments/FLAG`
 */
export function givenSettings(given: Given, schema: Schema): Partial<RenderSettings> {
  const values = saidValues(given, schema);
  for (const [name, setting] of Object.entries(schema))
    if (setting.kind === "text" && setting.required && values[name] === undefined)
      refuse(setting.flag, `--${setting.flag} is missing.`);
  if ((values.variation === undefined) !== (values.variationSeed === undefined))
    refuse("variation-seed", "--variation-seed and --variation-strength go together.");
  return settingsOf(values);
}

/**
 * Reads the settings that were given, even if one that a render needs is missing.
 * @throws ZoetropeError `arguments/FLAG`
 */
export function saidValues(given: Given, schema: Schema): Record<string, SettingValue> {
  const values: Record<string, SettingValue> = {};
  for (const [name, setting] of Object.entries(schema)) {
    const value = read(setting, given[setting.flag]);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function read(setting: Setting, given: Given[string]): SettingValue | undefined {
  if (given === undefined || typeof given === "boolean") return given;
  const { flag } = setting;
  if (setting.kind === "list") return [given].flat().map((text) => keyframe(flag, text));
  if (setting.kind === "lanes") return [given].flat().map((text) => lane(flag, text));
  const text = String(given);
  if (setting.kind === "number") return number(flag, text);
  return setting.kind === "choice" ? oneOf(flag, text, valuesOf(setting)) : text;
}

function valuesOf({ choices }: Extract<Setting, { kind: "choice" }>): string[] {
  return choices.map(({ value }) => value);
}

function usualWords(setting: Setting): string | null {
  switch (setting.kind) {
    case "number":
      return setting.unit === undefined ? String(setting.default) : `${setting.default} ${setting.unit}`;
    case "choice":
      return setting.default ?? "the model's";
    default:
      return null;
  }
}

function capitalised(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
