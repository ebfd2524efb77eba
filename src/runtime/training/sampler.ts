/** Renders samples with what has been learned so far: the trained tensors are inputs of the UNet's graph, as they are in training. */

import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Engine } from "../engine/engine.ts";
import { sweepShards } from "../engine/sweep-shards.ts";
import { renderClip } from "../pipeline/render-clip.ts";
import { taughtModels } from "./taught-models.ts";
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
    teachable: Teachable,
    settings: RenderSettings,
    tools: { readonly engine: Engine; readonly tokenizer: ClipTokenizer; readonly signal: AbortSignal },
  ) {
    const taught = taughtModels(models, teachable);
    this.#models = taught.models;
    this.#keys = taught.keys;
    // Quantised weights cannot be inputs.
    this.#settings = taught.whole ? { ...settings, precision: "fp32" } : settings;
    this.#engine = tools.engine;
    this.#tokenizer = tools.tokenizer;
    this.#signal = tools.signal;
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
