/** Models whose trained tensors are inputs of their graphs, as they are in training, so that they run with what has been learned so far. */

import type { ModelSet } from "../compose/model-set.ts";
import { floats } from "../engine/backend.ts";
import type { Part } from "../engine/part.ts";
import { trainingKey } from "../engine/shard-names.ts";
import type { Teachable } from "./teachable.ts";

export interface TaughtModels {
  readonly models: ModelSet;
  /** Keys of the shards that nothing else uses. */
  readonly keys: ReadonlySet<string>;
  /** Whole weights are inputs, which quantised ones cannot be. */
  readonly whole: boolean;
}

export function taughtModels(models: ModelSet, { unet, motion, text, parameters }: Teachable): TaughtModels {
  const own: ModelSet = {
    ...models,
    unet: taught(models.unet, unet, parameters),
    motion: models.motion === null || motion === null ? models.motion : taught(models.motion, motion, parameters),
    text: text === null ? models.text : taught(models.text, text, parameters),
  };
  const whole = [unet, motion].some((part) => (part?.weights.trained?.whole.size ?? 0) > 0);
  return { models: own, keys: new Set(keysOf(own).filter((key) => !keysOf(models).includes(key))), whole };
}

function keysOf({ unet, motion, text }: ModelSet): string[] {
  return [unet.key, text.key, ...(motion === null ? [] : [motion.key])];
}

/** A part whose trained tensors are read anew for every run. Parts that lack weights, because these are inputs, have shards of their own. */
function taught<C>(
  part: Part<C>,
  { config, weights }: Pick<Part<C>, "config" | "weights">,
  parameters: Teachable["parameters"],
): Part<C> {
  const { trained } = weights;
  if (trained === undefined) return part;
  const names = [...parameters.keys()].sort().join(" ");
  return {
    ...part,
    config,
    weights,
    key: trained.whole.size > 0 ? trainingKey(part.key, "samples") : part.key,
    sideBranch: {
      layers: `trained at ${trained.scale} ${names}`,
      read: async () => Object.fromEntries([...parameters].map(([name, { shape, data }]) => [name, floats(data, shape)])),
    },
  };
}
