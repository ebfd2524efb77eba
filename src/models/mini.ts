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
export const MINI_SIZE = { parameters: 11.3e6, firstWidth: 64, vaeWidth: 16, vaeFactor: 8 } as const;
export const MINI_MOTION_SIZE = { parameters: 4.15e6, firstWidth: 0, vaeWidth: 0 } as const;

/** Widths of the UNet's levels, for which the motion module was made. */
export const MINI_LEVELS: readonly number[] = [64, 96, 192];

/** The most frames that the motion module saw at once in training. */
export const MINI_CONTEXT_LENGTH = 16;

/** Mini and its DreamBooth variants: folders of the same files. */
export const MINI_CHECKPOINTS = [
  { id: "mini", name: "Mini", summary: "the small model that comes with Zoetrope", triggerWords: [] },
  {
    id: "mini-robot",
    name: "Robot",
    summary: "Mini that has also learned a robot from stills: call it sks robot, as in a sks robot bouncing on a red background",
    triggerWords: ["sks"],
  },
] as const;

/** Draws in few steps. */
export const MINI_FEW_STEPS = {
  id: "mini-lora-lcm",
  kind: "lora",
  file: "loras/lcm.safetensors",
  name: "few steps",
  summary: "6 steps without guidance instead of 20 with it: a clip in a sixth of the time, for Mini",
  triggerWords: [],
  suggested: { sampler: "lcm", steps: 6, cfgScale: 1, loraWeight: 1 },
} as const;

/** The LoRAs that come with Mini; off until a person turns them on. */
export const MINI_LORAS = [
  style("noto", "as Noto Emoji draws it, for Mini"),
  style("flat", "flat shapes without light and shade, for Mini"),
  style("neon", "glowing outlines on dark, for Mini"),
  style("pencil", "grey pencil strokes on paper, for Mini"),
  style("contrast", "black and white glyphs, for Mini"),
  MINI_FEW_STEPS,
  camera("zoom", "the camera moves in"),
  camera("zoom-out", "the camera moves out"),
  camera("pan", "the camera looks further and further right"),
  camera("pan-left", "the camera looks further and further left"),
  camera("pan-up", "the camera looks further and further up"),
  camera("pan-down", "the camera looks further and further down"),
  camera("roll", "the camera turns"),
] as const;

function style<Name extends string>(name: Name, summary: string) {
  return {
    id: `mini-lora-${name}`,
    kind: "lora",
    file: `loras/${name}.safetensors`,
    name,
    summary,
    triggerWords: [`${name} style`],
    suggested: { loraWeight: 1 },
  } as const;
}

function camera<Name extends string>(name: Name, move: string) {
  return {
    id: `mini-motion-lora-${name}`,
    kind: "motion-lora",
    file: `motion-loras/${name}.safetensors`,
    name,
    summary: `${move}, for Mini motion`,
    triggerWords: [],
    suggested: { loraWeight: 1 },
  } as const;
}
