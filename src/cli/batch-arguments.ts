/** Parses the arguments of `zoetrope batch`. What they say of clips holds for every job that does not say otherwise. */

import { settingsSchema } from "../core/settings/schema.ts";
import { type Axis, parseAxes } from "../jobs/grid.ts";
import { checkTemplate, DEFAULT_TEMPLATE } from "../jobs/output-name.ts";
import type { JobJson } from "../jobs/parse-job.ts";
import { type ParseOptions, parseOption, parseWithFiles } from "./arguments.ts";
import { type BatchOptionName, batchOptionsAndModels } from "./batch-options.ts";
import { cachePlace } from "./cache-place.ts";
import type { Option } from "./options.ts";
import { outputFormat } from "./output.ts";
import type { DeviceArguments } from "./render-tools.ts";
import { isRepeated, takes } from "./setting-options.ts";
import { many, sharedJob } from "./shared-job.ts";
import { number, oneOf, refuse } from "./values.ts";

export interface BatchArguments extends DeviceArguments {
  readonly lists: readonly string[];
  /** Under jobs of lists, over settings of other tools. */
  readonly shared: JobJson;
  readonly grid: readonly Axis[];
  readonly out: string;
  /** Where the grid's clips go as one animation; null: nowhere. */
  readonly sheet: string | null;
  readonly name: string;
  readonly loraDir: string;
  readonly json: boolean;
}

/** @throws ZoetropeError `arguments/…`, `job/grid`, `job/name`, `output/format` */
export function parseBatchArguments(args: readonly string[]): BatchArguments {
  const { given, files } = parseWithFiles(args, options());
  const one = (name: BatchOptionName) => (typeof given[name] === "string" ? given[name] : null);
  const grid = parseAxes(many(given, "grid"));
  if (files.length === 0 && grid.length === 0)
    refuse("jobs", "Name a list of jobs (zoetrope batch jobs.jsonl) or a grid (--grid seed=1..20).");
  const name = one("name") ?? DEFAULT_TEMPLATE;
  checkTemplate(name);
  outputFormat(name);
  return {
    lists: files,
    shared: sharedJob(given),
    grid,
    out: one("out") ?? ".",
    sheet: one("sheet"),
    name,
    loraDir: one("lora-dir") ?? ".",
    backend: oneOf("backend", one("backend") ?? "cpu", ["cpu", "webgpu", "auto"]),
    threads: number("threads", one("threads") ?? "0"),
    cache: cachePlace(given),
    json: given.json === true,
  };
}

function options(): ParseOptions {
  const others = Object.entries<Option>(batchOptionsAndModels).map(([name, { takes: value, many: repeated }]) => [
    name,
    parseOption(value ?? null, repeated === true),
  ]);
  const settings = Object.values(settingsSchema).map((setting) => [
    setting.flag,
    parseOption(takes(setting), isRepeated(setting)),
  ]);
  return Object.fromEntries([...others, ...settings]) as ParseOptions;
}
