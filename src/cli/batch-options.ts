/** The options of `zoetrope batch` besides the settings, models and pictures that it shares with `render`. */

import { DEFAULT_TEMPLATE } from "../jobs/output-name.ts";
import { cacheOptions, modelOptions, type Option, pictureOptions, runOptions } from "./options.ts";

const { upscale, interpolate, backend, threads, decode } = runOptions;

export const batchOptions = {
  grid: {
    takes: "KEY=a,b,c",
    many: true,
    help: "Makes every combination: seed=1..20, cfg=3,5.5, lora:ink=0.4,0.8, checkpoint=a.safetensors,b.safetensors, or a JSON list.",
  },
  out: { takes: "DIR", help: "The folder of the clips. What is done there is not made again. Default: the current one." },
  sheet: {
    takes: "PATH",
    help: "Also puts the clips of a grid into one labelled animation: the first --grid across, the second down.",
  },
  name: {
    takes: "TEMPLATE",
    help: `Names the files, and by its ending their format: {index}, {name}, {prompt}, {hash}, {checkpoint}, {lora:NAME} or any setting. Default: ${DEFAULT_TEMPLATE}.`,
  },
  json: { help: "Prints events as JSON, one a line, instead of progress." },
} as const satisfies Readonly<Record<string, Option>>;

export const batchOptionsAndModels = {
  ...modelOptions,
  ...pictureOptions,
  upscale,
  interpolate,
  backend,
  threads,
  decode,
  ...cacheOptions,
  ...batchOptions,
};
export type BatchOptionName = keyof typeof batchOptionsAndModels;
