/** Stores of weight shards. The engine needs a `ShardStore`; a browser's sessions also read each shard as a Blob. */

import type { ShardSink } from "../graph/shards.ts";

/** Keeps shards between packing and running, and in the browser between visits. */
export interface ShardStore extends ShardSink {
  /** Whether the shard is stored with all of its bytes. */
  has(name: string, bytes: number): Promise<boolean>;
  /** The names of the whole shards. */
  names(): Promise<readonly string[]>;
  /** Does nothing when there is no such shard. */
  remove(name: string): Promise<void>;
  /** Waits until nobody else converts, in other tabs neither; the returned function ends the turn. */
  turn(signal: AbortSignal): Promise<() => void>;
}

export interface BlobShardStore extends ShardStore {
  /** "opfs" outlives the tab. */
  readonly kind: "opfs" | "memory";
  /** A whole shard. @throws ZoetropeError `storage/missing-shard` */
  blob(name: string): Promise<Blob>;
}
