/** Completes the settings that were given: from what the motion module and checkpoint suggest, else from the schema's defaults. */

import { defaultSettings, type RenderSettings } from "../core/settings/render-settings.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import type { Schema } from "../core/settings/setting.ts";
import { FEW_STEPS, type Speed, type SpeedSettings, speedSettings } from "../core/settings/speed.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import type { RenderArguments } from "./arguments.ts";

/** Frames in a window, unless told otherwise: what AnimateDiff's modules are trained on. */
const WINDOW = 16;

type Given = Pick<RenderArguments, "settings" | "speed">;

/** Absent `speed`: as if `--speed` was not given. */
export function resolveSettings(
  { settings: given, speed = null }: Pick<Given, "settings"> & Partial<Given>,
  models: ModelSet,
): RenderSettings {
  const settings = { ...defaultSettings(), ...suggested(models), ...ofSpeed(speed, models), ...given };
  const contextLength = given.contextLength ?? models.defaults.contextLength ?? automaticContext(settings, models);
  return { ...settings, contextLength };
}

/** Says what --speed has set, beside what was given; null without it. */
export function speedNotice({ speed }: Given, settings: RenderSettings, models: ModelSet): string | null {
  if (speed === null || speed === "full") return null;
  const { stepCache, stepCacheBranch, guidanceStart, guidanceEnd, steps, cfgScale } = settings;
  const name = `${speed.charAt(0).toUpperCase()}${speed.slice(1)}`;
  if (isForFewSteps(models)) return `${name}: ${steps} steps at CFG ${cfgScale}, with a model made for few steps.`;
  return `${name}: --step-cache ${stepCache} --step-cache-branch ${stepCacheBranch} --guidance-start ${guidanceStart} --guidance-end ${guidanceEnd}.`;
}

function ofSpeed(speed: Speed | null, models: ModelSet): Partial<SpeedSettings> {
  return speed === null ? {} : speedSettings(speed, isForFewSteps(models));
}

function isForFewSteps({ defaults }: ModelSet): boolean {
  return defaults.steps !== null && defaults.steps <= FEW_STEPS;
}

/** Without a motion module there is nothing to move: one picture. */
function suggested({ defaults, motion }: ModelSet, schema: Schema = settingsSchema): Partial<RenderSettings> {
  const values = Object.entries(defaults).filter(([name, value]) => schema[name]?.fromModel === true && value != null);
  return { ...(motion === null ? { frames: 1 } : {}), ...Object.fromEntries(values) };
}

/** The whole clip where the motion module has positions for it, as AnimateDiff and diffusers do; else a window. FreeNoise needs windows. */
function automaticContext({ contextMode, frames }: RenderSettings, { motion }: ModelSet): number {
  if (motion === null) return WINDOW;
  const { maxFrames } = motion.config;
  return contextMode === "window" && frames <= maxFrames ? frames : Math.min(WINDOW, maxFrames);
}
