/**
 * Mini, the model that ships with Zoetrope: a diffusers folder, a MotionAdapter and LoRAs like any other, except that the
 * weights are gzipped for the download.
 */

import { bufferSource } from "../formats/byte-source.ts";
import { gunzip, isGzip } from "../formats/gzip.ts";
import type { ModelFile } from "./files.ts";

/** Compressed weights end in .gz here and nowhere else. */
export const MINI_CHECKPOINT_FILES = [
  "model_index.json",
  "scheduler/scheduler_config.json",
  "text_encoder/config.json",
  "text_encoder/model.safetensors.gz",
  "unet/config.json",
  "unet/diffusion_pytorch_model.safetensors.gz",
  "vae/config.json",
  "vae/diffusion_pytorch_model.safetensors.gz",
] as const;

export const MINI_MOTION_FILES = ["motion_adapter/config.json", "motion_adapter/diffusion_pytorch_model.safetensors.gz"] as const;

/** Linear map from latents to rough colours, fitted to Mini's VAE: {"matrix", "bias"}. */
export const MINI_PREVIEW_FILE = "preview.json";

/** Reads one of Mini's files, as it is stored. */
export type ReadMini = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

/** Mini's files as a person would have dropped them. */
export async function openMini(paths: readonly string[], read: ReadMini): Promise<ModelFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const stored = await read(path);
      const plain = path.replace(/\.gz$/, "");
      // Some servers send .gz files with a Content-Encoding, which the browser has undone by now.
      const bytes = isGzip(stored) ? await gunzip(stored, path) : stored;
      return { path: `mini/${plain}`, source: bufferSource(bytes, plain) };
    }),
  );
}

/** Default settings for Mini, in the page and on the command line. */
export const MINI_SETTINGS = { width: 128, height: 128, frames: 16, steps: 20, cfgScale: 3, sampler: "ddim_trailing" } as const;

/** Sizes of UNet and VAE together, and of the motion module. */
export const MINI_SIZE = { parameters: 9.1e6, firstWidth: 64, vaeWidth: 16, vaeFactor: 8 } as const;
export const MINI_MOTION_SIZE = { parameters: 3.2e6, firstWidth: 0, vaeWidth: 0 } as const;

/** Widths of the UNet's levels, for which the motion module was made. */
export const MINI_LEVELS: readonly number[] = [64, 96, 160];

/** The most frames that the motion module saw at once in training. */
export const MINI_CONTEXT_LENGTH = 16;

/** Mini and its DreamBooth variants: folders of the same files. */
export const MINI_CHECKPOINTS = [
  { id: "mini", name: "Mini", summary: "the small model that comes with Zoetrope", triggerWords: [] },
  {
    id: "mini-robot",
    name: "Robot",
    summary:
      "Mini that has also learned a robot from stills: call it sks robot, as in a blue sks robot bouncing on a red background",
    triggerWords: ["sks"],
  },
] as const;

/** The LoRAs that come with Mini; off until a person turns them on. */
export const MINI_LORAS = [
  {
    id: "mini-lora-chalk",
    kind: "lora",
    file: "loras/chalk.safetensors",
    name: "chalk",
    summary: "coloured chalk on a green board, for Mini",
    triggerWords: ["chalk style"],
    suggested: { loraWeight: 1 },
  },
  {
    id: "mini-lora-neon",
    kind: "lora",
    file: "loras/neon.safetensors",
    name: "neon",
    summary: "glowing outlines on dark, for Mini",
    triggerWords: ["neon style"],
    suggested: { loraWeight: 1 },
  },
  {
    id: "mini-lora-pastel",
    kind: "lora",
    file: "loras/pastel.safetensors",
    name: "pastel",
    summary: "soft light colours without outlines, for Mini",
    triggerWords: ["pastel style"],
    suggested: { loraWeight: 1 },
  },
  {
    id: "mini-lora-pencil",
    kind: "lora",
    file: "loras/pencil.safetensors",
    name: "pencil",
    summary: "grey pencil strokes on paper, for Mini",
    triggerWords: ["pencil style"],
    suggested: { loraWeight: 1 },
  },
  {
    id: "mini-lora-lcm",
    kind: "lora",
    file: "loras/lcm.safetensors",
    name: "few steps",
    summary: "6 steps without guidance instead of 20 with it: a clip in a sixth of the time, for Mini",
    triggerWords: [],
    suggested: { sampler: "lcm", steps: 6, cfgScale: 1, loraWeight: 1 },
  },
  {
    id: "mini-motion-lora-zoom",
    kind: "motion-lora",
    file: "motion-loras/zoom.safetensors",
    name: "zoom",
    summary: "the camera zooms in, for Mini motion",
    triggerWords: [],
    suggested: { loraWeight: 1 },
  },
  {
    id: "mini-motion-lora-pan",
    kind: "motion-lora",
    file: "motion-loras/pan.safetensors",
    name: "pan",
    summary: "the camera looks further and further right, for Mini motion",
    triggerWords: [],
    suggested: { loraWeight: 1 },
  },
] as const;
