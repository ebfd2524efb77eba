/** Weights as they are packed into shards: what a part stores, where its shards have their bytes, and how missing ones are made. */

import type { Precision } from "../../core/settings/render-settings.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { encodeHere, type PackProgress, packWeights } from "../../graph/shards.ts";
import type { WeightUse } from "../../graph/weight-use.ts";
import type { ShardStore } from "../../storage/shard-store.ts";
import type { Backend } from "./backend.ts";
import { formatShardGroup, type ShardSection } from "./shard-names.ts";

/** Weights that share a layout, as their graphs want them stored. */
export interface PackedPart {
  /** Prefix of the shards' names. */
  readonly name: string;
  readonly uses: readonly WeightUse[];
}

/** Smaller conversions are done before a worker would have started. */
const WORTH_WORKERS_BYTES = 96 * 2 ** 20;

export function packedPart(
  { key }: { readonly key: string },
  precision: Precision,
  uses: readonly WeightUse[],
  section: ShardSection | null = null,
): PackedPart {
  return { name: formatShardGroup({ partKey: key, section, precision }), uses };
}

export function layoutOf(parts: readonly PackedPart[]): ShardLayout {
  return new ShardLayout(Object.fromEntries(parts.map((part) => [part.name, part.uses])));
}

/** Packs every shard that the store does not have yet. Progress counts all of them together. */
export async function* packMissing(
  parts: readonly PackedPart[],
  { store, encodePool }: Pick<Backend, "store" | "encodePool">,
  signal: AbortSignal,
): AsyncGenerator<PackProgress, void> {
  // Two ControlNets of a clip may be the same file.
  const distinct = new Map(parts.map((part) => [part.name, part])).values();
  const layouts = [...distinct].map((part) => ({ part, layout: layoutOf([part]) }));
  if ((await incomplete(layouts, store)).length === 0) return;
  const endTurn = await store.turn(signal);
  // Another tab may have converted the same model meanwhile.
  const missing = await incomplete(layouts, store);
  const totalBytes = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  const pool = totalBytes > WORTH_WORKERS_BYTES ? encodePool() : null;
  try {
    let before = 0;
    for (const { part, layout, names, bytes } of missing) {
      await removeOutdated(part, layout, store);
      for await (const { doneBytes } of packWeights(part.uses, layout, store, pool ?? encodeHere, names)) {
        yield { doneBytes: before + doneBytes, totalBytes };
      }
      before += bytes;
    }
  } finally {
    pool?.close();
    endTurn();
  }
}

/** The parts that lack shards, with the names and bytes of those. */
async function incomplete<T extends { readonly layout: ShardLayout }>(layouts: readonly T[], store: Pick<ShardStore, "has">) {
  const found = await Promise.all(
    layouts.map(async (entry) => {
      const names = new Set<string>();
      let bytes = 0;
      for (const [name, size] of entry.layout.shards) {
        if (await store.has(name, size)) continue;
        names.add(name);
        bytes += size;
      }
      return { ...entry, names, bytes };
    }),
  );
  return found.filter(({ names }) => names.size > 0);
}

/** Removes shards of the same part that an earlier version laid out differently. */
async function removeOutdated(part: PackedPart, layout: ShardLayout, store: ShardStore): Promise<void> {
  for (const name of await store.names()) {
    if (name.startsWith(`${part.name}-`) && !layout.shards.has(name)) await store.remove(name);
  }
}
