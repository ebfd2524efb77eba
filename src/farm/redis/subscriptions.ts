/** Several listeners on one subscribing connection. */

import type { Redis } from "ioredis";

type Listener = (message: string) => void;

export class Subscriptions {
  readonly #redis: Redis;
  readonly #listeners = new Map<string, Set<Listener>>();

  /** @param redis its own connection, because a subscribed one takes no other commands */
  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("message", (channel: string, message: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(message);
    });
  }

  /** @returns a function that ends the listener's subscription */
  async on(channel: string, listener: Listener): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    listeners.add(listener);
    if (listeners.size === 1) await this.#redis.subscribe(channel);
    return async () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(channel) !== listeners) return;
      this.#listeners.delete(channel);
      await this.#redis.unsubscribe(channel).catch(() => undefined);
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#redis.disconnect();
  }
}
