/**
 * All settings of an animation. To add one, add its entry to a group and write the code that obeys it: the command line, "parameters"
 * text, links, history, queue, undo and the panel's Advanced group follow from the entry.
 */

import { arithmeticSettings } from "./arithmetic.ts";
import { contextSettings } from "./context.ts";
import { fewerCallsSettings } from "./fewer-calls.ts";
import { freeInitSettings } from "./free-init.ts";
import { hiresSettings } from "./hires.ts";
import { laneSettings } from "./lanes.ts";
import { loopSettings } from "./loop.ts";
import { motionSettings } from "./motion.ts";
import { outputSettings } from "./output.ts";
import { promptSettings } from "./prompt.ts";
import { samplingSettings } from "./sampling.ts";
import type { NameOf, Schema, ValueOf } from "./setting.ts";
import { sizeSettings } from "./size.ts";
import { zeroMotionSettings } from "./zero-motion.ts";

/** In the order of "parameters" text, whose readers expect Steps first. */
export const settingsSchema = {
  ...samplingSettings,
  ...sizeSettings,
  ...promptSettings,
  ...laneSettings,
  ...arithmeticSettings,
  ...contextSettings,
  ...freeInitSettings,
  ...zeroMotionSettings,
  ...loopSettings,
  ...motionSettings,
  ...hiresSettings,
  ...fewerCallsSettings,
  ...outputSettings,
} satisfies Schema;

export type SettingsSchema = typeof settingsSchema;
export type NumberName = NameOf<SettingsSchema, "number">;
export type ChoiceName = NameOf<SettingsSchema, "choice">;
export type SwitchName = NameOf<SettingsSchema, "switch">;
export type TextName = NameOf<SettingsSchema, "text">;

/** Every setting's value by its name. */
export type SettingValues = { readonly [Name in keyof SettingsSchema]: ValueOf<SettingsSchema[Name]> };
