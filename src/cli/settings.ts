/** Completes the settings that were given: from what the motion module and checkpoint suggest, else from the schema's defaults. */

import { defaultSettings, type RenderSettings } from "../core/settings/render-settings.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import type { Schema } from "../core/settings/setting.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import type { RenderArguments } from "./arguments.ts";

/** Frames in a window, unless told otherwise: what AnimateDiff's modules are trained on. */
const WINDOW = 16;

export function resolveSettings({ settings: given }: Pick<RenderArguments, "settings">, models: ModelSet): RenderSettings {
  const settings = { ...defaultSettings(), ...suggested(models), ...given };
  const contextLength = given.contextLength ?? models.defaults.contextLength ?? automaticContext(settings, models);
  return { ...settings, contextLength };
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
