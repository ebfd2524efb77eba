/** Settings of a rendering: what the arguments say, then what the motion module and checkpoint suggest, then SD 1.x's usual. */

import { isSamplerName, SAMPLER_NAMES, type SamplerName } from "../core/diffusion/sampler.ts";
import { ZoetropeError } from "../core/errors.ts";
import type { RenderSettings } from "../protocol/render.ts";
import type { ModelSet } from "../runtime/model-set.ts";
import type { RenderArguments } from "./arguments.ts";

export function resolveSettings(args: RenderArguments, { defaults, motion }: ModelSet): RenderSettings {
  return {
    prompt: args.prompt,
    negative: args.negative,
    promptAt: args.promptAt,
    seed: args.seed ?? 0,
    steps: args.steps ?? defaults.steps ?? 25,
    cfgScale: args.cfg ?? defaults.cfgScale ?? 7.5,
    sampler: samplerName(args.sampler ?? defaults.sampler ?? "ddim"),
    schedule: args.schedule,
    frames: args.frames ?? defaults.frames ?? (motion === null ? 1 : 16),
    width: args.width ?? defaults.width ?? 512,
    height: args.height ?? defaults.height ?? 512,
    clipSkip: args.clipSkip,
    norm: args.norm,
    precision: args.precision ?? "fp32",
    contextLength: args.contextLength,
    contextOverlap: args.contextOverlap,
    contextMode: args.contextMode,
    longPrompts: args.longPrompts,
    promptSyntax: args.promptSyntax,
    fps: args.fps,
  };
}

function samplerName(name: string): SamplerName {
  if (isSamplerName(name)) return name;
  throw new ZoetropeError("sampler/unknown", {
    message: `There is no sampler called ${name}.`,
    hint: `Choose one of ${SAMPLER_NAMES.join(", ")}.`,
  });
}
