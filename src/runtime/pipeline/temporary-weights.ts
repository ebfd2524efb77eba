/**
 * Weights at full precision that are packed for one clip only, up to 6 GB of them. They have keys of their own, so that they are never
 * mixed up with weights that were converted to stay. Tabs hold Web Locks on these keys, so that none removes weights that another one
 * uses. A tab that is closed meanwhile leaves its weights behind; the next engine that starts sweeps them.
 */

import { use } from "../../storage/use-locks.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Engine } from "../engine/engine.ts";
import { type ModelParts, partKeys } from "../engine/plans/model-parts.ts";
import { temporaryKey } from "../engine/shard-names.ts";
import { sweepShards } from "../engine/sweep-shards.ts";

/** The part under the key of its temporary weights. */
export function temporaryPart<P extends { readonly key: string }>(part: P): P {
  return { ...part, key: temporaryKey(part.key) };
}

/** The models under the keys of their temporary weights. */
export function temporaryModels(models: ModelSet): ModelSet {
  const { unet, text, vae, motion, controls } = models;
  return {
    ...models,
    unet: temporaryPart(unet),
    text: temporaryPart(text),
    vae: temporaryPart(vae),
    motion: motion === null ? null : temporaryPart(motion),
    controls: controls.map(temporaryPart),
  };
}

export class TemporaryWeights {
  readonly #engine: Engine;
  readonly #keys = new Set<string>();
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Protects the weights of these parts, which the caller packs now, until `discard`. */
  async keep(parts: ModelParts, signal: AbortSignal): Promise<void> {
    const keys = [...partKeys(parts)];
    this.#ends.push(await use(keys, signal));
    for (const key of keys) this.#keys.add(key);
  }

  /** Frees the sessions of the weights, and removes them unless another tab uses them too. */
  async discard(): Promise<void> {
    await this.#engine.close(this.#keys);
    for (const end of this.#ends.splice(0)) await end();
    if (this.#keys.size > 0) await sweepShards(this.#engine.backend.store, (key) => this.#keys.has(key));
  }
}
