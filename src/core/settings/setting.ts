/**
 * The shape of a schema of settings: one entry says everything about one setting. The command line, "parameters" text, links, undo,
 * history and the panel read the entries, so that a setting is added by adding its entry and the code that obeys it.
 */

import type { Easing } from "../animation/easing.ts";
import type { Lane } from "../animation/lanes.ts";

/** Keepers of settings: the finished animations, the renders that wait, and the steps of undo. */
export type Keeper = "history" | "queue" | "undo";

interface Described {
  /** Name beside its field and at the beginning of messages. */
  readonly label: string;
  /** Shorter name beside its field, where its neighbours say the rest. */
  readonly shortLabel?: string;
  /** One or two sentences on its effect, shown on hover and by --help. */
  readonly hint: string;
  /** Option of the command line, without its dashes. */
  readonly flag: string;
  /** Key in "parameters" text. Null: a prompt, which has a line of its own there. */
  readonly infotext: string | null;
  /** Key in a link. */
  readonly link: string;
  /** Links name it even while it is as on a first visit, so that they read well. */
  readonly inEveryLink?: true;
  /** Models may suggest a value, which then stands in for the default. */
  readonly fromModel?: true;
  /** Keepers that leave it out; they read it as its default. Absent: all keep it. */
  readonly leftOutOf?: readonly Keeper[];
}

export interface NumberSetting extends Described {
  readonly kind: "number";
  /** Word for what is counted. */
  readonly unit?: string;
  /** Bounds of what the engine takes. */
  readonly min: number;
  readonly max: number;
  /** Allowed values are whole multiples of this; below 1, any number is allowed and fields round to it. */
  readonly multipleOf: number;
  /** The engine's value when nobody says otherwise. */
  readonly default: number;
  /** Content of the field on a first visit; null: empty. Absent: the default. */
  readonly firstVisit?: number | null;
  /** Meaning of an empty field. Absent: the page's field must not be empty. */
  readonly whenEmpty?: string;
  /** Bounds that the page's field has instead, where the engine's are wider than a person needs. */
  readonly field: {
    readonly min?: number;
    readonly max?: number;
    readonly multipleOf?: number;
    /** An arrow key adds this much; with Shift, ten times as much. */
    readonly step: number;
    /** Where the slider ends when the range is too long to drag through; null: no slider. Absent: at the field's maximum. */
    readonly sliderMax?: number | null;
  };
  /** One sentence after a refusal: values that suit. */
  readonly advice?: string;
}

export interface Choice<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
}

export interface ChoiceSetting<Value extends string = string, Default extends string | null = string | null> extends Described {
  readonly kind: "choice";
  readonly choices: readonly Choice<Value>[];
  /** The engine's value when nobody says otherwise; null: the model's own. */
  readonly default: Default;
  /** Chosen on a first visit. Absent: "automatic" where it is offered, else the default. */
  readonly firstVisit?: Value;
  /** Label of leaving it to the model or the device, which the page offers as "automatic"; absent: something is always chosen. */
  readonly automatic?: string;
  /** "Parameters" text has the label, which other tools know, in place of the value. */
  readonly infotextSays?: "label";
}

/** A choice that can be left to the model or the device. */
export interface OpenChoiceSetting<Value extends string = string, Default extends string | null = string | null>
  extends ChoiceSetting<Value, Default> {
  readonly automatic: string;
}

/** On or off. Its option takes no value. */
export interface SwitchSetting extends Described {
  readonly kind: "switch";
  readonly default: boolean;
}

export interface TextSetting extends Described {
  readonly kind: "text";
  readonly default: string;
  /** Content on a first visit. Absent: the default. */
  readonly firstVisit?: string;
  /** The command line refuses to begin without it. */
  readonly required?: true;
  /** Most characters that are read. */
  readonly maxLength: number;
}

/** A text that holds from a frame on. */
export interface Keyframe {
  readonly frame: number;
  readonly text: string;
  /** How the clip goes over to it from the key before. Absent: linear. */
  readonly easing?: Easing;
}

/** Texts along the clip. Its option is repeated, FRAME=TEXT or FRAME:EASING=TEXT each. */
export interface ListSetting extends Described {
  readonly kind: "list";
  readonly default: readonly Keyframe[];
}

/** Numbers along the clip. Its option is repeated, TARGET=FRAME:VALUE,FRAME:EASING:VALUE each. */
export interface LanesSetting extends Described {
  readonly kind: "lanes";
  readonly default: readonly Lane[];
}

export type Setting = NumberSetting | ChoiceSetting | SwitchSetting | TextSetting | ListSetting | LanesSetting;
export type Schema = Readonly<Record<string, Setting>>;
export type SettingValue = number | string | boolean | null | readonly Keyframe[] | readonly Lane[];
/** Values by the names of their settings; absent ones were not given. */
export type Values = Readonly<Record<string, SettingValue | undefined>>;

/** Type of the value that the engine gets for a setting. */
export type ValueOf<S extends Setting> =
  S extends ChoiceSetting<infer Value, infer Default>
    ? Value | Extract<Default, null>
    : S extends NumberSetting
      ? number
      : S extends SwitchSetting
        ? boolean
        : S extends TextSetting
          ? string
          : S extends LanesSetting
            ? readonly Lane[]
            : readonly Keyframe[];

/** Names of a schema's settings of one kind. */
export type NameOf<S extends Schema, Kind extends Setting["kind"]> = {
  [Name in keyof S & string]: S[Name]["kind"] extends Kind ? Name : never;
}[keyof S & string];

type Entry<S extends Setting> = Omit<S, "kind">;

export function number(entry: Entry<NumberSetting>): NumberSetting {
  return { kind: "number", ...entry };
}

export function choice<const Value extends string, const Default extends Value>(
  entry: Entry<ChoiceSetting<Value, Default>> & { readonly automatic?: never },
): ChoiceSetting<Value, Default> {
  return { kind: "choice", ...entry };
}

export function openChoice<const Value extends string, const Default extends Value | null>(
  entry: Entry<OpenChoiceSetting<Value, Default>>,
): OpenChoiceSetting<Value, Default> {
  return { kind: "choice", ...entry };
}

export function toggle(entry: Entry<SwitchSetting>): SwitchSetting {
  return { kind: "switch", ...entry };
}

export function text(entry: Entry<TextSetting>): TextSetting {
  return { kind: "text", ...entry };
}

export function list(entry: Entry<ListSetting>): ListSetting {
  return { kind: "list", ...entry };
}

export function lanes(entry: Entry<LanesSetting>): LanesSetting {
  return { kind: "lanes", ...entry };
}
