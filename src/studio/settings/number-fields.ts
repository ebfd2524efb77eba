/** Number settings as fields of the page: their bounds, and the sentence each gets when what was typed cannot be used. */

import { isMultiple, type Range, rangeWords } from "../../core/settings/range.ts";
import { type NumberName, settingsSchema } from "../../core/settings/schema.ts";
import type { NumberSetting, Schema } from "../../core/settings/setting.ts";

export type { NumberName };

export interface NumberFieldSpec {
  readonly label: string;
  /** Shorter name beside it, where its neighbours say the rest. */
  readonly shortLabel?: string;
  /** One sentence on what it does. */
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  /** An arrow key adds this much; with Shift, ten times as much. */
  readonly step: number;
  /** Allowed values are whole multiples of this. */
  readonly multipleOf: number;
  /** Meaning of an empty field, which also stands in it as a placeholder. Absent: it must not be empty. */
  readonly whenEmpty?: string;
  /** Where the slider ends when the range is too long to drag through; null: no slider. */
  readonly sliderMax: number | null;
}

export const numberFields: Readonly<Record<NumberName, NumberFieldSpec>> = numberFieldsOf(settingsSchema);

/** The fields of a schema's numbers, in its order. */
export function numberFieldsOf(schema: Schema): Readonly<Record<string, NumberFieldSpec>> & Record<NumberName, NumberFieldSpec> {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, setting]) => (setting.kind === "number" ? [[name, numberField(setting)]] : [])),
  ) as Record<NumberName, NumberFieldSpec>;
}

function numberField({ label, shortLabel, hint, whenEmpty, field, ...engine }: NumberSetting): NumberFieldSpec {
  const { min, max, multipleOf, step, sliderMax } = { ...engine, ...field };
  return {
    label,
    ...(shortLabel === undefined ? {} : { shortLabel }),
    ...(whenEmpty === undefined ? { hint } : { hint: `${hint} Empty: ${whenEmpty}.`, whenEmpty }),
    ...{ min, max, step, multipleOf },
    sliderMax: sliderMax === undefined ? max : sliderMax,
  };
}

export type Parsed = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly message: string };

type Bounds = Range & Pick<NumberFieldSpec, "label">;

/** Reads what was typed as a number within the bounds, with a decimal point or comma; else gives the sentence that says what is allowed. */
export function parseNumber(text: string, spec: Bounds): Parsed {
  const trimmed = text.trim().replace(",", ".");
  const value = trimmed === "" ? Number.NaN : Number(trimmed);
  if (Number.isNaN(value)) return refuse(`${spec.label} needs ${rangeWords(spec)}.`);
  if (value < spec.min || value > spec.max) return refuse(`${spec.label} must be ${rangeWords(spec)}, not ${text.trim()}.`);
  if (!isMultiple(value, spec.multipleOf)) {
    return refuse(`${spec.label} must be ${rangeWords(spec)}; the nearest is ${nearest(value, spec)}.`);
  }
  return { ok: true, value };
}

/** The allowed number nearest to `value`. */
export function nearest(value: number, { min, max, multipleOf }: Range): number {
  const bounded = Math.min(max, Math.max(min, value));
  return Number((Math.round(bounded / multipleOf) * multipleOf).toFixed(9));
}

function refuse(message: string): Parsed {
  return { ok: false, message };
}
