/** Parses the arguments of `zoetrope batch`. What they say of clips holds for every job that does not say otherwise. */

import { settingsSchema } from "../core/settings/schema.ts";
import { type Axis, parseAxis } from "../jobs/grid.ts";
import { checkTemplate, DEFAULT_TEMPLATE } from "../jobs/output-name.ts";
import type { JobJson } from "../jobs/parse-job.ts";
import { ipAdapter, type ParseOptions, parseOption, parseWithFiles } from "./arguments.ts";
import { type BatchOptionName, batchOptionsAndModels } from "./batch-options.ts";
import { cachePlace } from "./cache-place.ts";
import type { Option } from "./options.ts";
import { outputFormat } from "./output.ts";
import type { DeviceArguments } from "./render-tools.ts";
import { isRepeated, saidValues, takes } from "./setting-options.ts";
import {
  atFrame,
  type ControlFile,
  controlFile,
  type Given,
  loraFile,
  number,
  oneOf,
  refuse,
  type WeightedFile,
  weightedFile,
} from "./values.ts";

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
  const grid = many(given, "grid").map((text) => parseAxis(text));
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

/** The options that `render` would read, as a job; what was not given is absent. */
function sharedJob(given: Given): JobJson {
  const text = (name: BatchOptionName) => (typeof given[name] === "string" ? given[name] : undefined);
  const loras = (name: "lora" | "motion-lora") => many(given, name).map((each) => loraFile(name, each));
  const [nets, images] = [many(given, "controlnet"), many(given, "control-image")];
  if (nets.length !== images.length) refuse("controlnet", "Every --controlnet needs a --control-image, and the other way round.");
  const sparse = text("sparsectrl");
  const strength = text("strength");
  const said: Record<string, unknown> = {
    ...saidValues(given, settingsSchema),
    checkpoint: text("checkpoint"),
    motion: text("motion"),
    vae: text("vae"),
    loras: nonEmpty(loras("lora")),
    motionLoras: nonEmpty(loras("motion-lora")),
    embeddings: nonEmpty(many(given, "embedding")),
    controlNets: nonEmpty(nets.map((net, i) => controlNet(controlFile("controlnet", net), images[i]!))),
    ipAdapter: ipAdapterJob(given),
    sparseCtrl: sparse === undefined ? undefined : sparseCtrl(weightedFile("sparsectrl", sparse), many(given, "control-frame")),
    initVideo: text("init-video"),
    strength: strength === undefined ? undefined : number("strength", strength),
    initLatents: text("init-latents"),
    loraForm: text("lora-form"),
    decode: text("decode"),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function controlNet({ preprocessor, annotator, during: { start, end }, ...file }: ControlFile, pictures: string): JobJson {
  if (annotator !== undefined)
    refuse("controlnet", `A batch does not run ${annotator}: draw its pictures first, or use zoetrope render.`);
  return {
    ...file,
    pictures,
    ...(preprocessor === "none" ? {} : { preprocessor }),
    ...(start === 0 ? {} : { start }),
    ...(end === 1 ? {} : { end }),
  };
}

function ipAdapterJob(given: Given): JobJson | undefined {
  const text = (name: BatchOptionName) => (typeof given[name] === "string" ? given[name] : null);
  const [images, weights] = [many(given, "ip-image"), many(given, "ip-weight-at")];
  const read = ipAdapter(text("ip-adapter"), text("image-encoder"), images, weights);
  if (read === null) return undefined;
  const { images: pictures, weightAt, ...rest } = read;
  return { ...rest, pictures, ...(weightAt.length === 0 ? {} : { weightAt }) };
}

function sparseCtrl(file: WeightedFile, frames: readonly string[]): JobJson {
  const pictures = frames.map((each) => atFrame("control-frame", each)).map(({ frame, text }) => ({ frame, picture: text }));
  return { ...file, frames: pictures };
}

function many(given: Given, name: BatchOptionName): string[] {
  return [given[name] ?? []].flat().map(String);
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
