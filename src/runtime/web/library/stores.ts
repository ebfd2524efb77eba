/** Where the engine keeps models and what it makes of them: the private file system, or memory where the browser has none. */

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
  // A tab that was closed while it rendered leaves its temporary weights behind.
  await sweepShards(shards, isTemporary);
  return { files, shards, shelf: new Shelf(new ShippedFiles(base), files) };
}
