/** Grids: every combination of some values of some settings, as X/Y/Z plots of other tools have them. */

import { ZoetropeError } from "../core/errors.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import type { Schema } from "../core/settings/setting.ts";
import type { FileRef } from "./job.ts";
import { isJobKey, type JobJson, settingName } from "./parse-job.ts";

/** One `--grid KEY=a,b,c`. */
export interface Axis {
  /** A key of jobs, or `lora:NAME` for the weight of a LoRA. */
  readonly key: string;
  readonly values: readonly unknown[];
}

/** More would be a slip of the keyboard. */
const MOST_CLIPS = 100_000;
const LORA = "lora:";

/**
 * The axes of some `--grid` options.
 * @throws ZoetropeError `job/grid`, also where two axes change the same
 */
export function parseAxes(texts: readonly string[]): Axis[] {
  const axes = texts.map((text) => parseAxis(text));
  const twice = axes.find(({ key }, i) => axes.findIndex((other) => other.key === key) < i);
  if (twice !== undefined)
    refuse(`Two --grid options change "${twice.key}".`, "Put all of its values into one, such as --grid cfg=3,5,7.");
  return axes;
}

/**
 * "seed=1..20", "cfg=3,5.5", "lora:ink=0.4,0.8"; texts that hold commas as JSON: `prompt=["a fish, blue", "a bird"]`.
 * @throws ZoetropeError `job/grid`
 */
export function parseAxis(text: string, schema: Schema = settingsSchema): Axis {
  const at = text.indexOf("=");
  const [key, said] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || said === "") refuse(`--grid takes KEY=a,b,c; it is "${text}".`, "Such as --grid seed=1,2,3 or --grid cfg=3,5.");
  const name = settingName(key, schema);
  if (name === undefined && !isJobKey(key) && !key.startsWith(LORA))
    refuse(`--grid ${text}: there is no setting "${key}".`, "zoetrope --help lists the settings.");
  return {
    key: name ?? key,
    values: said.startsWith("[") ? jsonValues(text, said) : said.split(",").flatMap(valuesOf(key, schema)),
  };
}

/** The values of an axis as a person reads them: "CFG 3", "neon 0.4". */
export function axisLabels({ key, values }: Axis, schema: Schema = settingsSchema): string[] {
  const label = key.startsWith(LORA) ? key.slice(LORA.length) : (schema[key]?.label ?? key);
  return values.map((value) => `${label} ${shown(value)}`);
}

/** The first axis changes slowest. @param findLora the LoRA of a name that no job has chosen */
export function expandGrid(
  jobs: readonly JobJson[],
  axes: readonly Axis[],
  findLora: (name: string) => FileRef,
): { readonly json: JobJson; readonly at: string }[] {
  const count = axes.reduce((product, { values }) => product * values.length, jobs.length);
  if (count > MOST_CLIPS) refuse(`These are ${count} clips; a batch holds ${MOST_CLIPS} at most.`, "Leave some values out.");
  let all = jobs.map((json) => ({ json, at: "" }));
  for (const { key, values } of axes) {
    all = all.flatMap(({ json, at }) =>
      values.map((value) => ({ json: withValue(json, key, value, findLora), at: `${at} ${key}=${shown(value)}`.trim() })),
    );
  }
  return all;
}

function withValue(json: JobJson, key: string, value: unknown, findLora: (name: string) => FileRef): JobJson {
  return key.startsWith(LORA) ? withLoraWeight(json, key.slice(LORA.length), value, findLora) : { ...json, [key]: value };
}

/** Sets the weight of the LoRA of that name, which joins the others if it is not among them. */
function withLoraWeight(json: JobJson, name: string, weight: unknown, findLora: (name: string) => FileRef): JobJson {
  const changed = ["loras", "motionLoras"].flatMap((key) => {
    const list = json[key];
    if (!Array.isArray(list) || !list.some((lora) => isNamed(lora, name))) return [];
    return [[key, list.map((lora) => (isNamed(lora, name) ? { ...asObject(lora), weight } : lora))] as const];
  });
  if (changed.length > 0) return { ...json, ...Object.fromEntries(changed) };
  return { ...json, loras: [...(Array.isArray(json.loras) ? json.loras : []), { ...findLora(name), weight }] };
}

/** By its file's name without the ending, or by its id. */
function isNamed(lora: unknown, name: string): boolean {
  const { path, id } = asObject(lora);
  const own = String(path ?? id ?? "");
  const stem = own.replace(/^.*[\\/]/, "").replace(/\.\w+$/, "");
  return [own, stem].some((each) => each.toLowerCase() === name.toLowerCase());
}

function asObject(lora: unknown): JobJson {
  return typeof lora === "string" ? { path: lora } : ((lora ?? {}) as JobJson);
}

function valuesOf(key: string, schema: Schema): (text: string) => readonly unknown[] {
  const kind = schema[settingName(key, schema) ?? ""]?.kind ?? (/^(lora:.*|strength|interpolate)$/.test(key) ? "number" : "text");
  return (text) => {
    const value = text.trim();
    if (kind === "number") return numbers(key, value);
    if (kind === "switch" && /^(on|off|true|false)$/i.test(value)) return [/^(on|true)$/i.test(value)];
    return [kind === "choice" && value === "automatic" ? null : value];
  };
}

/** "7", or all whole numbers of "1..20". */
function numbers(key: string, text: string): number[] {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first !== undefined) {
    const count = Number(last) - Number(first) + 1;
    if (count < 1 || count > MOST_CLIPS) refuse(`--grid ${key}=${text} is no range.`, "The smaller number comes first.");
    return Array.from({ length: count }, (_, i) => Number(first) + i);
  }
  const value = Number(text);
  if (text === "" || !Number.isFinite(value))
    refuse(`--grid ${key} takes numbers; "${text}" is none.`, "Write seed=1,2,3 or seed=1..20.");
  return [value];
}

function jsonValues(text: string, json: string): readonly unknown[] {
  try {
    const values: unknown = JSON.parse(json);
    if (Array.isArray(values) && values.length > 0) return values;
  } catch {}
  return refuse(`--grid ${text} is no JSON list.`, 'Write it as in --grid \'prompt=["a fish, blue", "a bird"]\'.');
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("job/grid", { message, hint });
}
