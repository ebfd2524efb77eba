/** Opens the stores for models and their converted weights: in the private file system, or in memory if the browser has none. */

import { MemoryShardStore } from "../../../storage/memory-store.ts";
import { MemoryModelFiles, type ModelFileStore, OpfsModelFiles } from "../../../storage/model-files.ts";
import { openPrivateFolder } from "../../../storage/opfs.ts";
import { OpfsShardStore } from "../../../storage/opfs-shard-store.ts";
import type { BlobShardStore } from "../../../storage/shard-store.ts";
import { isTemporary } from "../../engine/shard-names.ts";
import { sweepShards } from "../../engine/sweep-shards.ts";
import { ShippedFiles } from "../shipped/shipped-files.ts";
import { Shelf } from "./shelf.ts";

export interface Stores {
  readonly shelf: Shelf;
  readonly files: ModelFileStore;
  readonly shards: BlobShardStore;
}

/** @param base URL of the page's folder, ending in a slash */
export async function openStores(base: string): Promise<Stores> {
  const folder = await openPrivateFolder();
  const files = folder === null ? new MemoryModelFiles() : await OpfsModelFiles.open(folder);
  const shards = folder === null ? new MemoryShardStore() : await OpfsShardStore.open(folder);
  // A tab that was closed during an animation leaves temporary weights.
  await sweepShards(shards, isTemporary);
  return { files, shards, shelf: new Shelf(new ShippedFiles(base), files) };
}
