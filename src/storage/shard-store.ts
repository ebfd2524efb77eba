/** What the browser's two shard stores offer: packing and running, shards as Blobs, and housekeeping. */

import type { ShardSink } from "../graph/shards.ts";

export interface StoredShard {
  readonly name: string;
  readonly bytes: number;
}

export interface BlobShardStore extends ShardSink {
  readonly kind: "opfs" | "memory";
  /** Whether the shard is there in full. */
  has(name: string, bytes: number): Promise<boolean>;
  /** A whole shard. Throws ZoetropeError `storage/missing-shard`. */
  blob(name: string): Promise<Blob>;
  /** Whole shards only. */
  list(): Promise<readonly StoredShard[]>;
  names(): Promise<readonly string[]>;
  /** Waits until nobody else converts, in other tabs neither; the returned function ends the turn. */
  turn(signal: AbortSignal): Promise<() => void>;
  /** Does nothing when it is not there. */
  remove(name: string): Promise<void>;
}
