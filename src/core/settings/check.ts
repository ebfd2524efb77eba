/** Checks values against what the schema allows. Each refusal is one sentence with what to do next. */

import { ZoetropeError } from "../errors.ts";
import { isWithin, rangeWords } from "./range.ts";
import { type RenderSettings, valuesOf } from "./render-settings.ts";
import { settingsSchema } from "./schema.ts";
import type { ChoiceSetting, NumberSetting, Schema, Setting, SettingValue, TextSetting, Values } from "./setting.ts";

/** @throws ZoetropeError `settings/FLAG`, such as `settings/clip-skip` */
export function checkRanges(settings: RenderSettings, schema: Schema = settingsSchema): void {
  checkValues(valuesOf(settings), schema);
}

/** @throws ZoetropeError `settings/FLAG` */
export function checkValues(values: Values, schema: Schema): void {
  for (const [name, value] of Object.entries(values)) {
    const setting = schema[name];
    if (setting !== undefined && value !== undefined) check(setting, value);
  }
}

function check(setting: Setting, value: SettingValue): void {
  if (setting.kind === "number") checkNumber(setting, value);
  else if (setting.kind === "choice") checkChoice(setting, value);
  else if (setting.kind === "text") checkText(setting, value);
}

function checkNumber(setting: NumberSetting, value: SettingValue): void {
  if (typeof value === "number" && isWithin(value, setting)) return;
  const words = rangeWords(setting);
  const unit = setting.unit === undefined ? "" : ` ${setting.unit}`;
  refuseSetting(setting, `${setting.label} must be ${words}${unit}; it is ${value}.`, setting.advice ?? `Choose ${words}.`);
}

function checkChoice(setting: ChoiceSetting, value: SettingValue): void {
  const values = setting.choices.map((each) => each.value);
  if (values.some((each) => each === value) || (value === null && setting.default === null)) return;
  refuseSetting(setting, `${setting.label} cannot be ${value}.`, `Choose one of ${values.join(", ")}.`);
}

function checkText(setting: TextSetting, value: SettingValue): void {
  if (typeof value !== "string" || value.length <= setting.maxLength) return;
  refuseSetting(
    setting,
    `${setting.label} has ${value.length} characters; at most ${setting.maxLength} are read.`,
    "Shorten it.",
  );
}

/** @throws ZoetropeError `settings/FLAG`, always */
export function refuseSetting({ flag }: Pick<Setting, "flag">, message: string, hint: string): never {
  throw new ZoetropeError(`settings/${flag}`, { message, hint });
}
