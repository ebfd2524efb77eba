/** Keeps shards in memory as Blobs, for browsers without a private file system (some private windows) and for tests. */

import type { ShardWriter } from "../graph/shards.ts";
import type { BlobShardStore } from "./shard-store.ts";
import { missingShard } from "./storage-errors.ts";

export class MemoryShardStore implements BlobShardStore {
  readonly kind = "memory";
  readonly #shards = new Map<string, Blob>();

  async has(name: string, bytes: number): Promise<boolean> {
    return this.#shards.get(name)?.size === bytes;
  }

  async open(name: string, bytes: number): Promise<ShardWriter> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    return {
      write: async (part) => {
        parts.push(part.slice());
      },
      close: async () => {
        const blob = new Blob(parts);
        // A writer that gave up half-way closes a shard that is too short.
        if (blob.size === bytes) this.#shards.set(name, blob);
      },
    };
  }

  async blob(name: string): Promise<Blob> {
    const blob = this.#shards.get(name);
    if (blob === undefined) throw missingShard(name);
    return blob;
  }

  async names(): Promise<readonly string[]> {
    return [...this.#shards.keys()];
  }

  /** Only this tab sees these shards. */
  async turn(): Promise<() => void> {
    return () => undefined;
  }

  async remove(name: string): Promise<void> {
    this.#shards.delete(name);
  }
}
