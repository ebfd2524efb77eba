/** Removes shards of parts that nobody needs any longer, unless another tab uses them. */

import type { ShardStore } from "../../storage/shard-store.ts";
import { ifUnused } from "../../storage/use-locks.ts";
import { parseShardName } from "./shard-names.ts";

/** @param unwanted whether shards of the part with this key are to go */
export async function sweepShards(
  store: Pick<ShardStore, "names" | "remove">,
  unwanted: (partKey: string) => boolean,
): Promise<void> {
  for (const name of await store.names()) {
    const shard = parseShardName(name);
    if (shard !== null && unwanted(shard.partKey)) await ifUnused(shard.partKey, () => store.remove(name));
  }
}
