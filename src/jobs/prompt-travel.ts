/**
 * The JSON of animatediff-cli and animatediff-cli-prompt-travel as jobs. There, prompts travel in a circle: from the last key frame the
 * clip goes over to the first again. Sources: neggles/animatediff-cli `settings.py`, s9roll7/animatediff-cli-prompt-travel `settings.py`
 * and `pipelines/animation.py`.
 */

import { ZoetropeError } from "../core/errors.ts";
import type { Keyframe } from "../core/settings/setting.ts";
import { samplerOf } from "../media/sampler-words.ts";
import type { JobJson } from "./parse-job.ts";

export interface ReadJob {
  readonly json: JobJson;
  /** Sentences on what was not used. */
  readonly notices: readonly string[];
}

/** Keys that are read below, and bookkeeping that does not change a picture. */
const READ = [
  ...[
    "name",
    "path",
    "dreambooth_path",
    "motion_module",
    "vae_path",
    "seed",
    "scheduler",
    "steps",
    "guidance_scale",
    "clip_skip",
  ],
  ...[
    "prompt",
    "n_prompt",
    "prompt_map",
    "head_prompt",
    "tail_prompt",
    "prompt_fixed_ratio",
    "lora_map",
    "motion_lora_map",
    "output",
  ],
  ...[
    "compile",
    "tensor_interpolation_slerp",
    "unet_batch_size",
    "is_single_prompt_mode",
    "result_dir",
    "base",
    "inference_config",
  ],
];
/** As many frames as both tools make unless their command line says otherwise. */
const FRAMES = 16;

/** Whether a JSON object is such a file and not a job. */
export function isPromptTravel(json: JobJson): boolean {
  return "prompt_map" in json || "n_prompt" in json || "guidance_scale" in json;
}

/**
 * One job for each seed, or for each prompt of a list.
 * @param frames the clip's length, which these files leave to the command line; undefined: the tool's own
 * @throws ZoetropeError `job/prompt-travel`
 */
export function promptTravelJobs(file: JobJson, frames = FRAMES): ReadJob[] {
  const notices = unread(file);
  const seeds = list(file.seed).filter((seed): seed is number => typeof seed === "number");
  if (seeds.some((seed) => seed < 0))
    notices.push(
      '"seed": -1 asks for a random one; the clip uses 0, so that it can be made again (--grid seed=1..4 makes others).',
    );
  const negatives = list(file.n_prompt).map(String);
  const prompts = promptsOf(file, frames, notices);
  const common = shared(file, notices);
  const count = Math.max(prompts.length, seeds.length, 1);
  return Array.from({ length: count }, (_, i) => {
    const seed = seeds[i % Math.max(seeds.length, 1)] ?? 0;
    const json = {
      ...common,
      ...prompts[i % prompts.length],
      negative: negatives[i % Math.max(negatives.length, 1)] ?? "",
      seed: Math.max(seed, 0),
      frames,
    };
    return { json, notices };
  });
}

function shared(file: JobJson, notices: string[]): JobJson {
  const said: Record<string, unknown> = { promptSyntax: "a1111", longPrompts: "chunk" };
  const take = (theirs: string, ours: string) => {
    if (file[theirs] != null && file[theirs] !== "") said[ours] = file[theirs];
  };
  take("name", "name");
  take("dreambooth_path", "checkpoint");
  take("path", "checkpoint");
  take("motion_module", "motion");
  take("vae_path", "vae");
  take("steps", "steps");
  take("guidance_scale", "cfgScale");
  take("clip_skip", "clipSkip");
  const sampler = schedulerOf(file.scheduler, notices);
  if (sampler !== undefined) said.sampler = sampler;
  const fps = objectIn(file.output).fps;
  if (typeof fps === "number") said.fps = fps;
  const loras = lorasOf("lora_map", file.lora_map, notices);
  const motionLoras = lorasOf("motion_lora_map", file.motion_lora_map, notices);
  return { ...said, ...(loras.length > 0 ? { loras } : {}), ...(motionLoras.length > 0 ? { motionLoras } : {}) };
}

/** `prompt_map` travels; `prompt` is a list of clips. */
function promptsOf(file: JobJson, frames: number, notices: string[]): JobJson[] {
  const whole = (text: unknown) =>
    [file.head_prompt, text, file.tail_prompt].filter((part) => typeof part === "string" && part !== "").join(", ");
  const keys = Object.entries(objectIn(file.prompt_map))
    .map(([frame, text]): Keyframe => ({ frame: Number(frame), text: whole(text) }))
    .sort((a, b) => a.frame - b.frame);
  if (keys.some(({ frame }) => !Number.isInteger(frame) || frame < 0))
    refuse('A key of "prompt_map" is no number of a frame.', 'Write {"0": "…", "16": "…"}.');
  const inside = keys.filter(({ frame }) => frame < frames);
  if (inside.length < keys.length)
    notices.push(`Prompts from frame ${frames} on are not used, because the clip has ${frames} frames (--frames changes that).`);
  if (inside.length === 1 && keys.length === 1) return [{ prompt: inside[0]!.text }];
  if (inside.length > 0)
    return [{ prompt: inside[0]!.text, promptAt: inCircle(inside, frames, Number(file.prompt_fixed_ratio ?? 0.5)) }];
  const prompts = list(file.prompt).map((text) => ({ prompt: whole(text) }));
  if (prompts.length === 0) refuse('The file has neither a "prompt_map" nor a "prompt".', "Add one of them.");
  return prompts;
}

/** Each prompt holds for a share of the way to the next one; the last one goes over to the first. */
function inCircle(keys: readonly Keyframe[], frames: number, fixedRatio: number): Keyframe[] {
  const first = keys[0]!;
  const around = [...keys, { frame: first.frame + frames, text: first.text }];
  const travelled = keys.flatMap(({ frame, text }, i) => {
    const distance = around[i + 1]!.frame - frame;
    const held = Math.min(frame + Math.max(1, Math.trunc(distance * fixedRatio)), frame + distance - 1);
    return held > frame && fixedRatio > 0
      ? [
          { frame, text },
          { frame: held, text },
        ]
      : [{ frame, text }];
  });
  const inside = travelled.filter(({ frame }) => frame < frames);
  return first.frame === 0 ? [...inside, { frame: frames, text: first.text }] : inside;
}

/** "k_" stands for the noise levels of Karras et al. */
function schedulerOf(said: unknown, notices: string[]): string | undefined {
  if (typeof said !== "string" || said === "") return undefined;
  const karras = /^k_(.+)$/.exec(said)?.[1];
  const { sampler, other } = karras === undefined ? samplerOf(said) : samplerOf(karras, "Karras");
  if (other !== undefined)
    notices.push(`The scheduler "${said}" is not one of ours${sampler === undefined ? "" : `; ${sampler} is used`}.`);
  return sampler;
}

/** Weights by path; a LoRA whose weight changes along the clip or by region is used at its first weight. */
function lorasOf(key: string, map: unknown, notices: string[]): JobJson[] {
  return Object.entries(objectIn(map)).map(([path, said]) => {
    if (typeof said === "number") return { path, weight: said };
    const weights = Object.values(objectIn(objectIn(said).scale));
    const weight = typeof weights[0] === "number" ? weights[0] : 1;
    notices.push(`"${key}" sets ${path} by frame or region; it is used at ${weight} everywhere.`);
    return { path, weight };
  });
}

function unread(file: JobJson): string[] {
  const used = (key: string, value: unknown) => !READ.includes(key) && isOn(value);
  const keys = Object.entries(file).flatMap(([key, value]) => (used(key, value) ? [`"${key}"`] : []));
  return keys.length === 0 ? [] : [`Not used: ${keys.join(", ")}.`];
}

/** Sections that are empty, or whose parts are all switched off, change nothing. */
function isOn(value: unknown): boolean {
  if (value === null || value === false || value === "") return false;
  if (typeof value !== "object") return true;
  const switches = switchesIn(value);
  return switches.length > 0 ? switches.includes(true) : Object.keys(value).length > 0;
}

function switchesIn(value: object): unknown[] {
  return Object.entries(value).flatMap(([key, each]) => {
    if (key === "enable") return [each];
    return typeof each === "object" && each !== null ? switchesIn(each) : [];
  });
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value == null ? [] : [value];
}

function objectIn(value: unknown): JobJson {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JobJson) : {};
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("job/prompt-travel", { message, hint });
}
