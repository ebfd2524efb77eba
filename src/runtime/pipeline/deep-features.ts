/** What full calls of the UNet found in the deep levels, kept for the shallow calls between them (step caching). */

import type { HostTensor } from "../engine/backend.ts";

/** A window of the clip in one guidance half. */
export interface Seen {
  readonly half: "cond" | "uncond";
  /** First frame of the window. */
  readonly start: number;
  /** Index of the network call within its sampling. */
  readonly call: number;
}

export class DeepFeatures {
  readonly #every: number;
  readonly #kept = new Map<string, { readonly deep: HostTensor; readonly call: number }>();

  /** @param every the calls 0, every, 2 · every, … are full */
  constructor(every: number) {
    this.#every = every;
  }

  /** null: the call must be full, because its turn has come or because there was no full call since, as where guidance begins. */
  recall({ half, start, call }: Seen): HostTensor | null {
    const earlier = this.#kept.get(`${half} ${start}`);
    const lastFull = call - (call % this.#every);
    return earlier !== undefined && call !== lastFull && earlier.call >= lastFull ? earlier.deep : null;
  }

  /** To be called when a sampling begins. */
  clear(): void {
    this.#kept.clear();
  }

  keep({ half, start, call }: Seen, deep: HostTensor): void {
    this.#kept.set(`${half} ${start}`, { deep, call });
  }
}
