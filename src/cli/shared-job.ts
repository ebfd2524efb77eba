/** What options say of clips, as a job that lists and grids begin with. */

import { settingsSchema } from "../core/settings/schema.ts";
import type { JobJson } from "../jobs/parse-job.ts";
import { SHIPPED_UPSCALER } from "../models/shipped-upscaler.ts";
import { ipAdapter } from "./arguments.ts";
import type { modelOptions, pictureOptions, runOptions } from "./options.ts";
import { saidValues } from "./setting-options.ts";
import {
  atFrame,
  type ControlFile,
  controlFile,
  type Given,
  heldFrame,
  loraFile,
  number,
  oneOf,
  refuse,
  type WeightedFile,
  weightedFile,
} from "./values.ts";

type JobOptionName = keyof typeof modelOptions | keyof typeof pictureOptions | keyof typeof runOptions;

/** The options that `render` would read, as a job; what was not given is absent. */
export function sharedJob(given: Given): JobJson {
  const text = (name: JobOptionName) => (typeof given[name] === "string" ? given[name] : undefined);
  const loras = (name: "lora" | "motion-lora") => many(given, name).map((each) => loraFile(name, each));
  const [nets, images] = [many(given, "controlnet"), many(given, "control-image")];
  if (nets.length !== images.length) refuse("controlnet", "Every --controlnet needs a --control-image, and the other way round.");
  const sparse = text("sparsectrl");
  const [strength, interpolate] = [text("strength"), text("interpolate")];
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
    heldFrames: nonEmpty(many(given, "hold-frame").map((each) => heldFrame("hold-frame", each))),
    initVideo: text("init-video"),
    strength: strength === undefined ? undefined : number("strength", strength),
    initLatents: text("init-latents"),
    loraForm: text("lora-form"),
    decode: text("decode"),
    upscale: text("upscale") === SHIPPED_UPSCALER.id ? { id: SHIPPED_UPSCALER.id } : text("upscale"),
    interpolate: interpolate === undefined ? undefined : Number(oneOf("interpolate", interpolate, ["2", "4"])),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function controlNet({ preprocessor, annotator, during: { start, end }, ...file }: ControlFile, pictures: string): JobJson {
  return {
    ...file,
    pictures,
    ...(annotator === undefined ? {} : { preprocessor: { path: annotator } }),
    ...(preprocessor === "none" ? {} : { preprocessor }),
    ...(start === 0 ? {} : { start }),
    ...(end === 1 ? {} : { end }),
  };
}

function ipAdapterJob(given: Given): JobJson | undefined {
  const text = (name: JobOptionName) => (typeof given[name] === "string" ? given[name] : null);
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

export function many(given: Given, name: string): string[] {
  return [given[name] ?? []].flat().map(String);
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
