/**
 * Converted models that outlive a run of the command line, in a folder that several processes may share:
 *
 *     shards/NAME.bin      whole shards; the time of change is the time of last use
 *     runs/OWNER/          what a running process uses (shard-folder.ts): hard links to shards, graphs, temporary weights
 *     converting           held by the process that converts (turn-file.ts)
 *
 * A run links a shard into its own folder before it uses it, so a shard may be removed from here at any time: the run keeps its link.
 */

import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ZoetropeError } from "../../../core/errors.ts";
import { formatShardGroup, parseShardName } from "../../engine/shard-names.ts";
import { hasEnded, ownName } from "./owner.ts";

/** Folders of processes on other machines are given up after a week. */
const RUN_PATIENCE_MS = 7 * 24 * 3600 * 1000;

/** Tells backup programs to leave the folder out (bford.info/cachedir). */
const CACHE_TAG =
  "Signature: 8a477f597d28d172789f06886806bc55\n# Converted models of Zoetrope, which makes them again if they are gone.\n";

/** The shards of one part at one precision. They are used together, so they are removed together. */
export interface CachedPart {
  /** Prefix of the shards' names. */
  readonly name: string;
  /** Key of the part (see shard-names.ts). */
  readonly partKey: string;
  readonly precision: string;
  readonly bytes: number;
  readonly usedAt: Date;
  readonly shards: readonly string[];
}

export class WeightCache {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder if there is none, and removes what ended processes left. @throws ZoetropeError `cache/folder` */
  static async open(folder: string): Promise<WeightCache> {
    const cache = new WeightCache(folder);
    try {
      await mkdir(cache.#shards, { recursive: true });
      await mkdir(cache.#runs, { recursive: true });
      await writeFile(join(folder, "CACHEDIR.TAG"), CACHE_TAG);
    } catch (cause) {
      throw new ZoetropeError("cache/folder", {
        message: `Converted models cannot be kept in ${folder}.`,
        hint: "Choose another folder with --cache DIR, or add --no-cache.",
        cause,
      });
    }
    await cache.#sweepRuns();
    return cache;
  }

  get turnFile(): string {
    return join(this.folder, "converting");
  }

  /** A folder for a run of this process. */
  async makeRun(): Promise<string> {
    const run = join(this.#runs, ownName());
    await mkdir(run);
    return run;
  }

  async names(): Promise<readonly string[]> {
    return (await readdir(this.#shards)).filter((name) => parseShardName(name) !== null);
  }

  /** Links the shard to `path` if it is here whole, and notes that it was used. @returns whether it was */
  async take(name: string, bytes: number, path: string): Promise<boolean> {
    const shard = join(this.#shards, name);
    const found = await stat(shard).catch(() => null);
    if (found?.size !== bytes) return false;
    const now = new Date();
    try {
      await linkOrCopy(shard, path);
      await utimes(shard, now, now);
    } catch (thrown) {
      // Another process removed it just now.
      if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
      return (await stat(path).catch(() => null))?.size === bytes;
    }
    return true;
  }

  /** Keeps a whole shard that lies at `path`. */
  async keep(name: string, path: string): Promise<void> {
    const arriving = join(this.#runs, `${ownName()}.shard`);
    await linkOrCopy(path, arriving);
    await rename(arriving, join(this.#shards, name)).finally(() => rm(arriving, { force: true }));
  }

  async remove(name: string): Promise<void> {
    // Windows refuses while another process has the shard open; it stays for then.
    await rm(join(this.#shards, name), { force: true }).catch(() => undefined);
  }

  /** All parts, the most recently used first. */
  async list(): Promise<CachedPart[]> {
    const parts = new Map<string, CachedPart>();
    for (const name of await this.names()) {
      const shard = parseShardName(name)!;
      const found = await stat(join(this.#shards, name)).catch(() => null);
      if (found === null) continue;
      const { partKey, precision } = shard;
      const group = formatShardGroup(shard);
      const other = parts.get(group);
      parts.set(group, {
        ...{ name: group, partKey, precision },
        bytes: (other?.bytes ?? 0) + found.size,
        usedAt: other !== undefined && other.usedAt > found.mtime ? other.usedAt : found.mtime,
        shards: [...(other?.shards ?? []), name],
      });
    }
    return [...parts.values()].sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime() || a.name.localeCompare(b.name));
  }

  /** Removes the least recently used parts until the others take at most so many bytes. @returns what was removed */
  async prune(limitBytes: number): Promise<CachedPart[]> {
    const removed: CachedPart[] = [];
    let bytes = 0;
    for (const part of await this.list()) {
      bytes += part.bytes;
      if (bytes <= limitBytes) continue;
      for (const name of part.shards) await this.remove(name);
      removed.push(part);
    }
    return removed;
  }

  get #shards(): string {
    return join(this.folder, "shards");
  }

  get #runs(): string {
    return join(this.folder, "runs");
  }

  async #sweepRuns(): Promise<void> {
    for (const name of await readdir(this.#runs)) {
      const path = join(this.#runs, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && hasEnded(name, found.mtimeMs, RUN_PATIENCE_MS)) await rm(path, { recursive: true, force: true });
    }
  }
}

/** Some file systems, such as exFAT, have no hard links. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EEXIST") throw thrown;
    await copyFile(from, to);
  }
}
