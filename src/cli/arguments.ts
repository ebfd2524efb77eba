/** The options of `zoetrope render`. What is not given stays null, so that the models' own defaults can step in. */

import { parseArgs } from "node:util";
import { ZoetropeError } from "../core/errors.ts";

export const USAGE = `zoetrope render [--checkpoint FILE|DIFFUSERS_DIR] [--motion FILE|DIR|none] [--vae FILE]
  [--lora FILE[:weight]]... [--motion-lora FILE[:weight]]... [--lora-dir DIR] [--lora-form merged|side-branch]
  [--embedding FILE]... [--controlnet FILE[:weight] --control-image PNG|DIR]... [--sparsectrl FILE[:weight] --control-frame IDX=PNG...]
  --prompt TEXT [--negative TEXT] [--prompt-at IDX=TEXT]... [--prompt-syntax plain|a1111] [--long-prompts truncate|chunk]
  [--seed N] [--variation-seed N --variation-strength X] [--steps N] [--cfg X] [--sampler NAME] [--schedule linear|scaled_linear|sqrt_linear] [--clip-skip N]
  [--frames N] [--width W] [--height H] [--fps 8]
  [--context-length N] [--context-overlap 4] [--context-mode window|freenoise]
  [--init-video PNG|GIF|DIR --strength 0.6] [--init-latents FILE.safetensors]
  [--norm original|diffusers] [--precision fp32|fp16|q8|q4] [--decode whole|tiles] [--backend cpu|webgpu] [--threads N]
  --out OUT.gif|OUT_DIR/ [--dump DUMP.safetensors] [--json]

Clips longer than the motion module knows (or than --context-length) are made of overlapping windows, by default of 16 frames.
Without --checkpoint it renders with Mini, the model that comes with Zoetrope. Exit codes: 0 done, 2 bad arguments or file, 130 cancelled.`;

export interface WeightedFile {
  readonly path: string;
  readonly weight: number;
}

export interface RenderArguments {
  readonly checkpoint: string | null;
  /** "none": no motion module, even where there is a default. */
  readonly motion: string | null;
  readonly loras: readonly WeightedFile[];
  readonly motionLoras: readonly WeightedFile[];
  readonly vae: string | null;
  /** Textual inversions, called by the names of their files. */
  readonly embeddings: readonly string[];
  readonly controlNets: readonly (WeightedFile & { readonly images: string })[];
  readonly sparseCtrl: (WeightedFile & { readonly frames: readonly { readonly frame: number; readonly image: string }[] }) | null;
  readonly initVideo: string | null;
  readonly strength: number;
  readonly prompt: string;
  readonly negative: string;
  readonly promptAt: readonly { readonly frame: number; readonly text: string }[];
  readonly seed: number | null;
  readonly variation: { readonly seed: number; readonly strength: number } | null;
  readonly steps: number | null;
  readonly cfg: number | null;
  readonly sampler: string | null;
  readonly schedule: "linear" | "scaled_linear" | "sqrt_linear" | null;
  readonly frames: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly clipSkip: number;
  readonly contextLength: number | null;
  readonly contextOverlap: number;
  readonly contextMode: "window" | "freenoise";
  readonly initLatents: string | null;
  readonly norm: "original" | "diffusers";
  readonly precision: "fp32" | "fp16" | "q8" | "q4" | null;
  /** Frames whole or in overlapping tiles; null: as the memory at hand suggests. */
  readonly decode: "whole" | "tiles" | null;
  readonly longPrompts: "truncate" | "chunk";
  /** "a1111": `(word:1.2)` weighs, `<lora:name:0.8>` loads name.safetensors from `loraDir`. */
  readonly promptSyntax: "plain" | "a1111";
  readonly loraDir: string;
  /** LoRAs merged into the weights or as side branches; null: as the model's size suggests. */
  readonly loraForm: "merged" | "side-branch" | null;
  readonly fps: number;
  readonly backend: "cpu" | "webgpu";
  readonly threads: number;
  readonly out: string;
  readonly dump: string | null;
  readonly json: boolean;
}

const TEXT = { type: "string" } as const;
const TEXTS = { type: "string", multiple: true } as const;
const OPTIONS = {
  checkpoint: TEXT,
  motion: TEXT,
  lora: TEXTS,
  "motion-lora": TEXTS,
  vae: TEXT,
  embedding: TEXTS,
  controlnet: TEXTS,
  "control-image": TEXTS,
  sparsectrl: TEXT,
  "control-frame": TEXTS,
  "init-video": TEXT,
  strength: TEXT,
  prompt: TEXT,
  negative: TEXT,
  "prompt-at": TEXTS,
  seed: TEXT,
  "variation-seed": TEXT,
  "variation-strength": TEXT,
  steps: TEXT,
  cfg: TEXT,
  sampler: TEXT,
  schedule: TEXT,
  frames: TEXT,
  width: TEXT,
  height: TEXT,
  "clip-skip": TEXT,
  "context-length": TEXT,
  "context-overlap": TEXT,
  "context-mode": TEXT,
  "init-latents": TEXT,
  norm: TEXT,
  precision: TEXT,
  decode: TEXT,
  "long-prompts": TEXT,
  "prompt-syntax": TEXT,
  "lora-dir": TEXT,
  "lora-form": TEXT,
  fps: TEXT,
  backend: TEXT,
  threads: TEXT,
  out: TEXT,
  dump: TEXT,
  json: { type: "boolean" },
} as const;

/** @throws ZoetropeError `arguments/…` */
export function parseRenderArguments(args: readonly string[]): RenderArguments {
  const values = parse(args);
  const required = (name: "prompt" | "out"): string => values[name] ?? refuse(name, `--${name} is missing.`);
  return {
    checkpoint: values.checkpoint ?? null,
    motion: values.motion ?? null,
    loras: (values.lora ?? []).map((v) => weightedFile("lora", v)),
    motionLoras: (values["motion-lora"] ?? []).map((v) => weightedFile("motion-lora", v)),
    vae: values.vae ?? null,
    embeddings: values.embedding ?? [],
    controlNets: pairs(values.controlnet ?? [], values["control-image"] ?? []),
    sparseCtrl: values.sparsectrl === undefined ? null : sparse(values.sparsectrl, values["control-frame"] ?? []),
    initVideo: values["init-video"] ?? null,
    strength: number("strength", values.strength) ?? 0.6,
    prompt: required("prompt"),
    negative: values.negative ?? "",
    promptAt: (values["prompt-at"] ?? []).map((v) => atFrame("prompt-at", v)),
    seed: number("seed", values.seed),
    variation: variation(
      number("variation-seed", values["variation-seed"]),
      number("variation-strength", values["variation-strength"]),
    ),
    steps: number("steps", values.steps),
    cfg: number("cfg", values.cfg),
    sampler: values.sampler ?? null,
    schedule: choice("schedule", values.schedule, ["linear", "scaled_linear", "sqrt_linear"]),
    frames: number("frames", values.frames),
    width: number("width", values.width),
    height: number("height", values.height),
    clipSkip: number("clip-skip", values["clip-skip"]) ?? 1,
    contextLength: number("context-length", values["context-length"]),
    contextOverlap: number("context-overlap", values["context-overlap"]) ?? 4,
    contextMode: choice("context-mode", values["context-mode"], ["window", "freenoise"]) ?? "window",
    initLatents: values["init-latents"] ?? null,
    norm: choice("norm", values.norm, ["original", "diffusers"]) ?? "original",
    precision: choice("precision", values.precision, ["fp32", "fp16", "q8", "q4"]),
    decode: choice("decode", values.decode, ["whole", "tiles"]),
    longPrompts: choice("long-prompts", values["long-prompts"], ["truncate", "chunk"]) ?? "truncate",
    promptSyntax: choice("prompt-syntax", values["prompt-syntax"], ["plain", "a1111"]) ?? "plain",
    loraDir: values["lora-dir"] ?? ".",
    loraForm: choice("lora-form", values["lora-form"], ["merged", "side-branch"]),
    fps: number("fps", values.fps) ?? 8,
    backend: choice("backend", values.backend, ["cpu", "webgpu"]) ?? "cpu",
    threads: number("threads", values.threads) ?? 0,
    out: required("out"),
    dump: values.dump ?? null,
    json: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: attachValues(args), options: OPTIONS, allowPositionals: false, strict: true }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split(". ")[0]! : String(cause);
    throw new ZoetropeError("arguments/unknown", { message: `${reason}.`, hint: "zoetrope --help lists the options.", cause });
  }
}

/** `--prompt "-x"` as `--prompt=-x`: an option's value may begin with a dash. */
function attachValues(args: readonly string[]): string[] {
  const attached: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const option = args[i]!;
    const name = option.slice(2) as keyof typeof OPTIONS;
    if (option.startsWith("--") && OPTIONS[name]?.type === "string" && i + 1 < args.length)
      attached.push(`${option}=${args[++i]}`);
    else attached.push(option);
  }
  return attached;
}

function number(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) refuse(name, `--${name} takes a number; it is "${text}".`);
  return value;
}

function choice<T extends string>(name: string, text: string | undefined, allowed: readonly T[]): T | null {
  if (text === undefined) return null;
  const found = allowed.find((value) => value === text);
  return found ?? refuse(name, `--${name} takes ${allowed.join(", ")}; it is "${text}".`);
}

/** FILE or FILE:weight. A colon that no number follows belongs to the path. */
function weightedFile(name: string, text: string): WeightedFile {
  const found = /^(.+):([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/i.exec(text);
  const path = found?.[1] ?? text;
  const weight = found === null ? 1 : Number(found[2]);
  if (Math.abs(weight) > 100) refuse(name, `The weight of ${path} is ${weight}; it must be from -100 to 100.`);
  return { path, weight };
}

/** IDX=TEXT */
function atFrame(name: string, text: string): { frame: number; text: string } {
  const found = /^(\d+)=(.*)$/s.exec(text);
  if (found === null) return refuse(name, `--${name} takes FRAME=TEXT; it is "${text}".`);
  return { frame: Number(found[1]), text: found[2]! };
}

function variation(seed: number | null, strength: number | null): RenderArguments["variation"] {
  if (seed === null && strength === null) return null;
  if (seed === null || strength === null)
    return refuse("variation-seed", "--variation-seed and --variation-strength go together.");
  return { seed, strength };
}

function pairs(models: readonly string[], images: readonly string[]): RenderArguments["controlNets"] {
  if (models.length !== images.length)
    refuse("controlnet", "Every --controlnet needs a --control-image, and the other way round.");
  return models.map((text, i) => ({ ...weightedFile("controlnet", text), images: images[i]! }));
}

function sparse(text: string, frames: readonly string[]): RenderArguments["sparseCtrl"] {
  if (frames.length === 0) refuse("sparsectrl", "--sparsectrl needs at least one --control-frame IDX=PNG.");
  const pictures = frames.map((v) => atFrame("control-frame", v)).map(({ frame, text }) => ({ frame, image: text }));
  return { ...weightedFile("sparsectrl", text), frames: pictures };
}

function refuse(name: string, message: string): never {
  throw new ZoetropeError(`arguments/${name}`, { message, hint: "zoetrope --help lists the options." });
}
