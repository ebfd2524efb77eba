/** Renders samples with what has been learned so far: the trained tensors are inputs of the UNet's graph, as they are in training. */

import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { floats } from "../engine/backend.ts";
import type { Engine } from "../engine/engine.ts";
import type { Part } from "../engine/part.ts";
import { trainingKey } from "../engine/shard-names.ts";
import { sweepShards } from "../engine/sweep-shards.ts";
import { renderClip } from "../pipeline/render-clip.ts";
import type { Teachable } from "./teachable.ts";

export class Sampler {
  readonly #models: ModelSet;
  readonly #settings: RenderSettings;
  readonly #engine: Engine;
  readonly #tokenizer: ClipTokenizer;
  readonly #signal: AbortSignal;
  /** Keys of the shards that only samples use. */
  readonly #keys: ReadonlySet<string>;

  constructor(
    models: ModelSet,
    { unet, motion, text, parameters }: Teachable,
    settings: RenderSettings,
    tools: { readonly engine: Engine; readonly tokenizer: ClipTokenizer; readonly signal: AbortSignal },
  ) {
    const taughtUnet = taught(models.unet, unet, parameters);
    const taughtMotion = models.motion === null || motion === null ? models.motion : taught(models.motion, motion, parameters);
    const taughtText = text === null ? models.text : taught(models.text, text, parameters);
    this.#models = { ...models, unet: taughtUnet, motion: taughtMotion, text: taughtText };
    const whole = [unet, motion].some((part) => (part?.weights.trained?.whole.size ?? 0) > 0);
    // Quantised weights cannot be inputs.
    this.#settings = whole ? { ...settings, precision: "fp32" } : settings;
    this.#engine = tools.engine;
    this.#tokenizer = tools.tokenizer;
    this.#signal = tools.signal;
    this.#keys = new Set(keysOf(this.#models).filter((key) => !keysOf(models).includes(key)));
  }

  /** [3, H, W] in [-1, 1] each. @throws the signal's reason when aborted */
  async frames(): Promise<readonly Float32Array[]> {
    const frames: Float32Array[] = [];
    const request = {
      settings: this.#settings,
      models: this.#models,
      initLatents: null,
      initVideo: null,
      controls: [],
      decodeTile: null,
    };
    const tools = { engine: this.#engine, tokenizer: this.#tokenizer, signal: this.#signal };
    for await (const event of renderClip(request, tools)) if (event.type === "frame") frames[event.index] = event.pixels;
    return frames;
  }

  async release(): Promise<void> {
    await this.#engine.close(
      new Set([this.#models.unet.key, ...(this.#models.motion === null ? [] : [this.#models.motion.key])]),
    );
    if (this.#keys.size > 0) await sweepShards(this.#engine.backend.store, (key) => this.#keys.has(key));
  }
}

function keysOf({ unet, motion, text }: ModelSet): string[] {
  return [unet.key, text.key, ...(motion === null ? [] : [motion.key])];
}

/** A part whose trained tensors are read anew for every run. Parts that lack weights, because these are inputs, have shards of their own. */
function taught<C>(
  part: Part<C>,
  { weights }: { readonly weights: Part<C>["weights"] },
  parameters: Teachable["parameters"],
): Part<C> {
  const { trained } = weights;
  if (trained === undefined) return part;
  const names = [...parameters.keys()].sort().join(" ");
  return {
    ...part,
    weights,
    key: trained.whole.size > 0 ? trainingKey(part.key, "samples") : part.key,
    sideBranch: {
      layers: `trained at ${trained.scale} ${names}`,
      read: async () => Object.fromEntries([...parameters].map(([name, { shape, data }]) => [name, floats(data, shape)])),
    },
  };
}
