/**
 * The settings of one animation, as page, command line, history and engine share them. They are the schema's, with one difference: a
 * variation's strength and seed travel as a pair, which is absent when the noise is not turned.
 */

import type { SamplerName } from "../diffusion/sampler-names.ts";
import { type SettingValues, settingsSchema } from "./schema.ts";
import type { Keeper, Schema, Values } from "./setting.ts";

export type { SamplerName };
export type Precision = SettingValues["precision"];
export type NormMode = SettingValues["norm"];

/** The seed's noise is turned towards another seed's: strength 0 leaves it, 1 is the other. */
export interface Variation {
  readonly seed: number;
  readonly strength: number;
}

/** Settings of one animation. Sizes in pixels (multiples of 8), `seed` a non-negative integer below 2^53. */
export type RenderSettings = Omit<SettingValues, "variation" | "variationSeed"> & { readonly variation?: Variation };

/** The settings by the schema's names. Where there is no variation, neither of its two is said. */
export function valuesOf(settings: Partial<RenderSettings>): Values {
  const { variation, ...values } = settings;
  return variation === undefined ? values : { ...values, variation: variation.strength, variationSeed: variation.seed };
}

type SaidValues = Partial<Omit<SettingValues, "variation" | "variationSeed">> & {
  readonly variation?: number | undefined;
  readonly variationSeed?: number | undefined;
};

/** The way back. A variation that lacks its strength or its seed is none. */
export function settingsOf({ variation: strength, variationSeed: seed, ...settings }: SaidValues): Partial<RenderSettings> {
  return strength === undefined || seed === undefined ? settings : { ...settings, variation: { strength, seed } };
}

/** Values of an animation about which nobody has said anything; without a variation. */
export function defaultSettings(schema: Schema = settingsSchema): RenderSettings {
  const { variation, variationSeed, ...defaults } = Object.fromEntries(
    Object.entries(schema).map(([name, setting]) => [name, setting.default]),
  ) as unknown as SettingValues;
  return defaults;
}

/**
 * The settings as `keeper` keeps and reads them: a record from before a setting existed, or one that leaves it out, has its default.
 */
export function keptSettings(settings: RenderSettings, keeper: Keeper, schema: Schema = settingsSchema): RenderSettings {
  const defaults = defaultSettings(schema);
  const kept = Object.entries(settings).filter(([name]) => schema[name]?.leftOutOf?.includes(keeper) !== true);
  return { ...defaults, ...(Object.fromEntries(kept) as unknown as Partial<RenderSettings>) };
}
