/** Folders in which a run of the command line has its shards beside its graphs, where onnxruntime wants them. */

import { type FileHandle, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZoetropeError } from "../../../core/errors.ts";
import type { ShardWriter } from "../../../graph/shards.ts";
import type { ShardStore } from "../../../storage/shard-store.ts";
import { isTransient, parseShardName } from "../../engine/shard-names.ts";
import { takeTurn } from "./turn-file.ts";
import { WeightCache } from "./weight-cache.ts";

export interface ShardFolder {
  readonly path: string;
  readonly store: ShardStore;
  /** Deletes the folder; its sessions must have been released. */
  dispose(): Promise<void>;
}

/** Where converted models are kept between runs. */
export interface CachePlace {
  readonly folder: string;
  /** The least recently used models are removed beyond this. */
  readonly limitBytes: number;
}

/** Keeps nothing: the weights are deleted with the folder. */
export async function temporaryFolder(): Promise<ShardFolder> {
  const path = await mkdtemp(join(tmpdir(), "zoetrope-"));
  return { ...ownFolder(path), dispose: () => rm(path, { recursive: true, force: true }) };
}

/** A folder that stays, with its graphs, and that no other process uses. */
export function ownFolder(path: string): ShardFolder {
  return {
    path,
    store: {
      has: (name, bytes) => isWhole(join(path, name), bytes),
      names: () => readdir(path),
      remove: (name) => rm(join(path, name), { force: true }),
      // No other process uses the folder.
      turn: async () => () => undefined,
      open: (name, bytes) => shardWriter(path, name, bytes, async () => undefined),
    },
    dispose: async () => undefined,
  };
}

/** Takes shards from the cache, and keeps there what it converts, except weights with merged LoRAs and temporary ones. */
export async function cachedFolder({ folder, limitBytes }: CachePlace): Promise<ShardFolder> {
  const cache = await WeightCache.open(folder);
  const path = await cache.makeRun();
  const keeps = (name: string) => {
    const shard = parseShardName(name);
    return shard !== null && !isTransient(shard.partKey);
  };
  return {
    path,
    store: {
      has: async (name, bytes) => (await isWhole(join(path, name), bytes)) || cache.take(name, bytes, join(path, name)),
      names: async () => [...new Set([...(await cache.names()), ...(await readdir(path))])],
      remove: async (name) => {
        await rm(join(path, name), { force: true });
        await cache.remove(name);
      },
      turn: (signal) => takeTurn(cache.turnFile, signal),
      open: (name, bytes) =>
        shardWriter(path, name, bytes, async () => {
          if (keeps(name)) await cache.keep(name, join(path, name));
        }),
    },
    dispose: async () => {
      await rm(path, { recursive: true, force: true });
      await cache.prune(limitBytes);
    },
  };
}

async function isWhole(path: string, bytes: number): Promise<boolean> {
  return (await stat(path).catch(() => null))?.size === bytes;
}

/** Writes under a temporary name and renames when all bytes are there. @param written is called then */
async function shardWriter(folder: string, name: string, bytes: number, written: () => Promise<void>): Promise<ShardWriter> {
  const part = join(folder, `${name}.part`);
  const file: FileHandle = await translated(folder, () => open(part, "w"));
  let position = 0;
  return {
    write: (data) =>
      translated(folder, async () => {
        await file.writeFile(data);
        position += data.byteLength;
      }),
    close: async () => {
      await file.close();
      if (position !== bytes) return rm(part, { force: true });
      await rename(part, join(folder, name));
      await translated(folder, written);
    },
  };
}

async function translated<T>(folder: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    throw new ZoetropeError("storage/full", {
      message: `The converted model could not be written to ${folder}.`,
      hint: "Free some disk space (zoetrope cache prune --limit GB), or choose a folder on another disk with --cache DIR.",
      cause,
    });
  }
}
