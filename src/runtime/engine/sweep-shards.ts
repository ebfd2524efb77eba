/**
 * Converted weights that do not last: those that LoRAs were merged into, and those at full precision for one animation. They are as
 * large as the model's own, so what no tab uses any longer is taken away.
 */

import type { ShardStore } from "../../storage/shard-store.ts";
import { ifUnused } from "../../storage/use-locks.ts";
import { partKeyOf } from "./packed-parts.ts";

/** Whether the weights by this key are such (see Part.key): what makes them so stands behind a "+". */
export function isPassing(key: string): boolean {
  return key.includes("+");
}

/** Removes the shards of the parts whose keys are unwanted, unless a tab uses them. */
export async function sweepShards(
  store: Pick<ShardStore, "names" | "remove">,
  unwanted: (key: string) => boolean,
): Promise<void> {
  for (const name of await store.names()) {
    const key = partKeyOf(name);
    if (unwanted(key)) await ifUnused(key, () => store.remove(name));
  }
}
