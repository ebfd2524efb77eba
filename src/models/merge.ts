/** Several weight sources seen as one: a UNet with its motion module, a ControlNet with its temporal layers. */

import type { WeightSource } from "./types.ts";
import { missingWeight } from "./weights.ts";

/** The first source that has a key answers for it. */
export function mergeSources(...sources: readonly WeightSource[]): WeightSource {
  const owner = (key: string): WeightSource =>
    sources.find((source) => source.has(key)) ?? missingWeight("The loaded model", key);
  return {
    has: (key) => sources.some((source) => source.has(key)),
    shape: (key) => owner(key).shape(key),
    keys: () => new Set(sources.flatMap((source) => [...source.keys()])),
    read: (key) => owner(key).read(key),
  };
}

/** The weights whose canonical name begins with `prefix`, named without it. */
export function weightsBelow(source: WeightSource, prefix: string): WeightSource {
  return {
    has: (key) => source.has(prefix + key),
    shape: (key) => source.shape(prefix + key),
    *keys() {
      for (const key of source.keys()) if (key.startsWith(prefix)) yield key.slice(prefix.length);
    },
    read: (key) => source.read(prefix + key),
  };
}
