/**
 * Weights at full precision that are packed for one animation only, up to 6 GB of them. They go by keys of their own, so that they
 * are never mixed up with what was converted to stay; tabs hold Web Locks on them, so that none takes away what another one uses.
 * A tab that is ended in between leaves them behind, and the next engine that starts sweeps them away.
 */

import { use } from "../../storage/use-locks.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Engine } from "../engine/engine.ts";
import type { ModelParts } from "../engine/packed-parts.ts";
import { sweepShards } from "../engine/sweep-shards.ts";

const SUFFIX = "+full";

/** The models by the keys of such weights. */
export function inFull(models: ModelSet): ModelSet {
  const own = <P extends { readonly key: string }>(part: P): P => ({ ...part, key: part.key + SUFFIX });
  const { unet, text, vae, motion, controls } = models;
  return {
    ...models,
    unet: own(unet),
    text: own(text),
    vae: own(vae),
    motion: motion === null ? null : own(motion),
    controls: controls.map(own),
  };
}

export function isFull(key: string): boolean {
  return key.endsWith(SUFFIX);
}

export class FullWeights {
  readonly #engine: Engine;
  readonly #keys = new Set<string>();
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Keeps the parts' weights, which are to be packed now, until `discard`. */
  async keep({ unet, text, vae, motion, controls = [], encoder }: ModelParts, signal: AbortSignal): Promise<void> {
    const keys = [unet, text, vae, motion, encoder, ...controls].flatMap((part) => part?.key ?? []);
    this.#ends.push(await use(keys, signal));
    for (const key of keys) this.#keys.add(key);
  }

  /** Frees their sessions, and removes them unless another tab uses them, too. */
  async discard(): Promise<void> {
    await this.#engine.close(this.#keys);
    for (const end of this.#ends.splice(0)) await end();
    if (this.#keys.size > 0) await sweepShards(this.#engine.backend.store, (key) => this.#keys.has(key));
  }
}
