/** Settings of a rendering: what the arguments say, then what the motion module and checkpoint suggest, then SD 1.x's usual. */

import { isSamplerName, SAMPLER_NAMES, type SamplerName } from "../core/diffusion/sampler.ts";
import { ZoetropeError } from "../core/errors.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import type { RenderArguments } from "./arguments.ts";

/** Frames in a window, unless told otherwise: what AnimateDiff's modules are trained on. */
const WINDOW = 16;

export function resolveSettings(args: RenderArguments, models: ModelSet): RenderSettings {
  const { defaults, motion } = models;
  const frames = args.frames ?? defaults.frames ?? (motion === null ? 1 : 16);
  return {
    prompt: args.prompt,
    negative: args.negative,
    promptAt: args.promptAt,
    seed: args.seed ?? 0,
    ...(args.variation === null ? {} : { variation: args.variation }),
    steps: args.steps ?? defaults.steps ?? 25,
    cfgScale: args.cfg ?? defaults.cfgScale ?? 7.5,
    sampler: samplerName(args.sampler ?? defaults.sampler ?? "ddim"),
    schedule: args.schedule,
    frames,
    width: args.width ?? defaults.width ?? 512,
    height: args.height ?? defaults.height ?? 512,
    clipSkip: args.clipSkip,
    norm: args.norm,
    precision: args.precision ?? "fp32",
    contextLength: args.contextLength ?? defaults.contextLength ?? contextLength(args, models, frames),
    contextOverlap: args.contextOverlap,
    contextMode: args.contextMode,
    longPrompts: args.longPrompts,
    promptSyntax: args.promptSyntax,
    fps: args.fps,
  };
}

/** The whole clip where the motion module has positions for it, as AnimateDiff and diffusers do; else windows. FreeNoise wants windows. */
function contextLength({ contextMode }: RenderArguments, { motion }: ModelSet, frames: number): number {
  if (motion === null) return WINDOW;
  const { maxFrames } = motion.config;
  return contextMode === "window" && frames <= maxFrames ? frames : Math.min(WINDOW, maxFrames);
}

function samplerName(name: string): SamplerName {
  if (isSamplerName(name)) return name;
  throw new ZoetropeError("sampler/unknown", {
    message: `There is no sampler called ${name}.`,
    hint: `Choose one of ${SAMPLER_NAMES.join(", ")}.`,
  });
}
