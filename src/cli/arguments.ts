/** Parses the arguments of `zoetrope render`. */

import { parseArgs } from "node:util";
import { ZoetropeError } from "../core/errors.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import type { Schema } from "../core/settings/setting.ts";
import { SPEEDS, type Speed } from "../core/settings/speed.ts";
import type { Interpolation } from "../jobs/job.ts";
import type { CachePlace } from "../runtime/node/cache/shard-folder.ts";
import { cachePlace } from "./cache-place.ts";
import { type Option, type OptionName, otherOptions } from "./options.ts";
import { givenSettings, isRepeated, takes } from "./setting-options.ts";
import {
  atFrame,
  type ControlFile,
  controlFile,
  type Given,
  type HeldFrameFile,
  heldFrame,
  type LoraFile,
  loraFile,
  number,
  oneOf,
  refuse,
  type WeightedFile,
  weightedFile,
} from "./values.ts";

interface FrameWeight {
  readonly frame: number;
  readonly weight: number;
}

export interface RenderArguments {
  /** The settings that were given, the prompt always among them. The others stay open for the models' suggestions. */
  readonly settings: Partial<RenderSettings>;
  readonly checkpoint: string | null;
  /** "none": no motion module, even where there is a default. */
  readonly motion: string | null;
  readonly loras: readonly LoraFile[];
  readonly motionLoras: readonly LoraFile[];
  /** Folder of the LoRAs that prompts call by name. */
  readonly loraDir: string;
  /** Merge LoRAs into the weights, or run them as side branches; null: as the model's size suggests. */
  readonly loraForm: "merged" | "side-branch" | null;
  readonly vae: string | null;
  /** Textual inversions, called by the names of their files. */
  readonly embeddings: readonly string[];
  readonly controlNets: readonly (ControlFile & { readonly images: string })[];
  readonly sparseCtrl: (WeightedFile & { readonly frames: readonly { readonly frame: number; readonly image: string }[] }) | null;
  readonly ipAdapter:
    | (WeightedFile & { readonly encoder: string; readonly images: readonly string[]; readonly weightAt: readonly FrameWeight[] })
    | null;
  readonly heldFrames: readonly HeldFrameFile[];
  readonly initVideo: string | null;
  readonly strength: number;
  readonly initLatents: string | null;
  /** Decode frames whole or in overlapping tiles; null: as the memory at hand suggests. */
  readonly decode: "whole" | "tiles" | null;
  /** null: full, and nothing is said of it. */
  readonly speed: Speed | null;
  readonly backend: "cpu" | "webgpu" | "auto";
  readonly threads: number;
  /** The file of a super-resolution model that the pictures are enlarged by; null: none. */
  readonly upscale: string | null;
  /** Pictures written for each frame. */
  readonly interpolate: Interpolation;
  /** null: converted models are not kept. */
  readonly cache: CachePlace | null;
  readonly out: string;
  readonly dump: string | null;
  readonly json: boolean;
}

/** @throws ZoetropeError `arguments/OPTION` */
export function parseRenderArguments(args: readonly string[], schema: Schema = settingsSchema): RenderArguments {
  const given = parse(args, optionsOf(schema));
  const one = (name: OptionName) => (typeof given[name] === "string" ? given[name] : null);
  const many = (name: OptionName) => [given[name] ?? []].flat().map(String);
  const numberOf = (name: OptionName) => (one(name) === null ? null : number(name, one(name)!));
  const choice = <T extends string>(name: OptionName, ...allowed: readonly T[]) =>
    one(name) === null ? null : oneOf(name, one(name)!, allowed);
  const sparseCtrl = one("sparsectrl");
  return {
    settings: givenSettings(given, schema),
    checkpoint: one("checkpoint"),
    motion: one("motion"),
    loras: many("lora").map((text) => loraFile("lora", text)),
    motionLoras: many("motion-lora").map((text) => loraFile("motion-lora", text)),
    loraDir: one("lora-dir") ?? ".",
    loraForm: choice("lora-form", "merged", "side-branch"),
    vae: one("vae"),
    embeddings: many("embedding"),
    controlNets: pairs(many("controlnet"), many("control-image")),
    sparseCtrl: sparseCtrl === null ? null : sparse(sparseCtrl, many("control-frame")),
    ipAdapter: ipAdapter(one("ip-adapter"), one("image-encoder"), many("ip-image"), many("ip-weight-at")),
    heldFrames: many("hold-frame").map((text) => heldFrame("hold-frame", text)),
    initVideo: one("init-video"),
    strength: numberOf("strength") ?? 0.6,
    initLatents: one("init-latents"),
    decode: choice("decode", "whole", "tiles"),
    speed: choice("speed", ...SPEEDS),
    backend: choice("backend", "cpu", "webgpu", "auto") ?? "cpu",
    threads: numberOf("threads") ?? 0,
    upscale: one("upscale"),
    interpolate: choice("interpolate", "2", "4") === null ? 1 : (Number(one("interpolate")) as Interpolation),
    cache: cachePlace(given),
    out: one("out") ?? refuse("out", "--out is missing."),
    dump: one("dump"),
    json: given.json === true,
  };
}

export type ParseOptions = Readonly<Record<string, { readonly type: "string" | "boolean"; readonly multiple?: true }>>;

export function optionsOf(schema: Schema): ParseOptions {
  const others = Object.entries<Option>(otherOptions).map(
    ([name, { takes, many }]) => [name, parseOption(takes ?? null, many === true)] as const,
  );
  const settings = Object.values(schema).map(
    (setting) => [setting.flag, parseOption(takes(setting), isRepeated(setting))] as const,
  );
  return Object.fromEntries([...others, ...settings]);
}

export function parseOption(takes: string | null, many: boolean): ParseOptions[string] {
  return { type: takes === null ? "boolean" : "string", ...(many ? { multiple: true } : {}) };
}

/** @throws ZoetropeError `arguments/unknown` */
export function parse(args: readonly string[], options: ParseOptions): Given {
  return parsed({ args: attachValues(args, options), options, allowPositionals: false }).values;
}

/**
 * As `parse`, where names of files may stand between the options.
 * @throws ZoetropeError `arguments/unknown`
 */
export function parseWithFiles(
  args: readonly string[],
  options: ParseOptions,
): { readonly given: Given; readonly files: string[] } {
  const { values, positionals } = parsed({ args: attachValues(args, options), options, allowPositionals: true });
  return { given: values, files: positionals };
}

function parsed(config: { args: string[]; options: ParseOptions; allowPositionals: boolean }) {
  try {
    return parseArgs({ ...config, strict: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split(". ")[0]! : String(cause);
    throw new ZoetropeError("arguments/unknown", { message: `${reason}.`, hint: "zoetrope --help lists the options.", cause });
  }
}

/** `--prompt "-x"` as `--prompt=-x`: an option's value may begin with a dash. */
function attachValues(args: readonly string[], options: ParseOptions): string[] {
  const attached: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const option = args[i]!;
    const takesValue = option.startsWith("--") && options[option.slice(2)]?.type === "string";
    attached.push(takesValue && i + 1 < args.length ? `${option}=${args[++i]}` : option);
  }
  return attached;
}

function pairs(models: readonly string[], images: readonly string[]): RenderArguments["controlNets"] {
  if (models.length !== images.length)
    refuse("controlnet", "Every --controlnet needs a --control-image, and the other way round.");
  return models.map((text, i) => ({ ...controlFile("controlnet", text), images: images[i]! }));
}

/** @throws ZoetropeError `arguments/ip-adapter` where one of the three is missing */
export function ipAdapter(
  text: string | null,
  encoder: string | null,
  images: readonly string[],
  weights: readonly string[],
): RenderArguments["ipAdapter"] {
  if (text === null && encoder === null && images.length === 0 && weights.length === 0) return null;
  if (text === null || encoder === null || images.length === 0)
    return refuse("ip-adapter", "--ip-adapter, --image-encoder and at least one --ip-image go together.");
  const weightAt = weights.map((given) => {
    const { frame, text: weight } = atFrame("ip-weight-at", given);
    return { frame, weight: number("ip-weight-at", weight) };
  });
  return { ...weightedFile("ip-adapter", text), encoder, images, weightAt };
}

function sparse(text: string, frames: readonly string[]): RenderArguments["sparseCtrl"] {
  if (frames.length === 0) refuse("sparsectrl", "--sparsectrl needs at least one --control-frame IDX=PNG.");
  const pictures = frames.map((v) => atFrame("control-frame", v)).map(({ frame, text }) => ({ frame, image: text }));
  return { ...weightedFile("sparsectrl", text), frames: pictures };
}
