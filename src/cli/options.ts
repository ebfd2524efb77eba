/** The options of `zoetrope render` other than settings: models, pictures, running. The schema describes the settings' own options. */

import { PREPROCESSORS } from "../core/preprocess/preprocessor-names.ts";
import { DEFAULT_LIMIT_GB } from "./cache-place.ts";

export interface Option {
  /** Word for its value; absent: the option takes none. */
  readonly takes?: string;
  readonly many?: true;
  readonly help: string;
}

export const modelOptions = {
  checkpoint: {
    takes: "FILE|DIFFUSERS_DIR",
    help: "The model that draws. Without it: Mini, the model that comes with Zoetrope.",
  },
  motion: {
    takes: "FILE|DIR|none",
    help: "The motion module, or what `zoetrope train tune-a-video` made of a clip. Default: Mini's with Mini, else none, which makes single pictures.",
  },
  vae: { takes: "FILE", help: "A VAE in place of the checkpoint's own." },
  lora: {
    takes: "FILE[:WEIGHT]",
    many: true,
    help: "A LoRA, weight 1 unless said; te=W, unet=W and lbw=BLOCKS may follow after colons.",
  },
  "motion-lora": { takes: "FILE[:WEIGHT]", many: true, help: "A LoRA of the motion module, weight 1 unless said." },
  "lora-dir": { takes: "DIR", help: "Folder of the LoRAs that prompts call by name. Default: the current one." },
  "lora-form": {
    takes: "merged|side-branch",
    help: "Merge LoRAs into the weights, or keep them as inputs beside them. Default: as the model's size suggests.",
  },
  embedding: {
    takes: "FILE",
    many: true,
    help: "A textual inversion, called in prompts by the name of its file or the token in it.",
  },
  controlnet: {
    takes: "FILE[:WEIGHT]",
    many: true,
    help: `A ControlNet, Control-LoRA or T2I-Adapter; each needs a --control-image. pre=NAME draws what it is shown from the picture (${PREPROCESSORS.join(", ")}, or an ONNX file of a model for depth or pose); start=SHARE and end=SHARE of the steps limit when it acts; all after colons.`,
  },
  sparsectrl: { takes: "FILE[:WEIGHT]", help: "A SparseCtrl; it needs at least one --control-frame." },
  "ip-adapter": {
    takes: "FILE[:WEIGHT]",
    help: "An IP-Adapter, plain or Plus; it needs --image-encoder and at least one --ip-image.",
  },
  "image-encoder": { takes: "FILE|DIR", help: "The CLIP image encoder that the IP-Adapter was trained with." },
} as const satisfies Readonly<Record<string, Option>>;

export const pictureOptions = {
  "control-image": {
    takes: "PICTURE|VIDEO|DIR",
    many: true,
    help: "What a ControlNet follows: a picture for all frames, or a GIF, a video (looked at --fps times a second) or a folder of numbered pictures for one each. All are scaled to cover the frame.",
  },
  "control-frame": { takes: "IDX=PICTURE", many: true, help: "The picture that a SparseCtrl follows in a frame." },
  "ip-image": { takes: "PICTURE", many: true, help: "A picture that the clip shall look like, of any size." },
  "ip-weight-at": {
    takes: "IDX=WEIGHT",
    many: true,
    help: "The weight of the pictures to look like in a frame; between such frames it changes evenly.",
  },
  "init-video": {
    takes: "PICTURE|VIDEO|DIR",
    help: "What to begin with instead of noise: a picture, GIF, video or folder, read as for --control-image.",
  },
  strength: { takes: "X", help: "Share of --init-video that is made anew, above 0 and at most 1. Default: 0.6." },
  "hold-frame": {
    takes: "IDX|last=PICTURE",
    many: true,
    help: "A picture that a frame is given as: 0=PICTURE for the first frame, last=PICTURE for the last. The others are drawn to go with it; a SparseCtrl follows such pictures better.",
  },
  "init-latents": {
    takes: "FILE.safetensors|none",
    help: 'Noise to begin with: a tensor "latents" [F, 4, H/8, W/8]. Default: a tuned clip\'s own; "none": the seed\'s all the same.',
  },
} as const satisfies Readonly<Record<string, Option>>;

export const cacheOptions = {
  cache: {
    takes: "DIR",
    help: "Folder that keeps converted models for the next run; several commands may share it. Default: the system's folder for caches.",
  },
  "no-cache": { help: "Converts the models anew and keeps nothing." },
  "cache-limit": {
    takes: "GB",
    help: `After a run, removes the converted models that were not used for longest, down to this size. Default: ${DEFAULT_LIMIT_GB}.`,
  },
} as const satisfies Readonly<Record<string, Option>>;

export const runOptions = {
  speed: {
    takes: "fast|balanced|full",
    help: "Sets step caching and where CFG applies; with Mini, fast draws in few steps instead. Settings that are given stay. Default: full.",
  },
  out: { takes: "OUT.gif|OUT_DIR/", help: "A .gif, an .apng, a .png of a single frame, or a folder of PNG files." },
  grid: {
    takes: "KEY=a,b,c",
    many: true,
    help: "Makes a clip of every value, and of them one labelled animation at --out; a second one goes down: --grid cfg=3,5,7 --grid lora:neon=0.4,0.8.",
  },
  upscale: {
    takes: "realesr-animevideov3|FILE",
    help: "Enlarges the pictures two to four times by a super-resolution model: the one for animation that comes with Zoetrope, ESRGAN's or Real-ESRGAN's weights, or an ONNX file.",
  },
  interpolate: {
    takes: "2|4",
    help: "Writes two or four pictures for each frame, at as many times the rate: those in between are made by moving what moves.",
  },
  dump: { takes: "DUMP.safetensors", help: "Keeps the tensors that parity is measured on." },
  backend: {
    takes: "cpu|webgpu|auto",
    help: "Runs on the processor or on a graphics card; auto: on a card if there is one that computes correctly and faster. Default: cpu.",
  },
  threads: { takes: "N", help: "Threads of the processor. Default: 0, as many as it has." },
  decode: { takes: "whole|tiles", help: "Decode frames whole or in overlapping tiles. Default: as the memory at hand suggests." },
  json: { help: "Prints a report as JSON instead of progress." },
  ...cacheOptions,
} as const satisfies Readonly<Record<string, Option>>;

export const otherOptions = { ...modelOptions, ...pictureOptions, ...runOptions };
export type OptionName = keyof typeof otherOptions;
