/**
 * Keeps shards in the private file system. A shard is written under a temporary name and renamed when it is whole, so that a
 * half-written shard never loads. Its file never changes afterwards, because a session may still be reading it.
 */

import type { ShardWriter } from "../graph/shards.ts";
import type { BlobShardStore } from "./shard-store.ts";
import { missingShard, translateStorageError } from "./storage-errors.ts";

const UNFINISHED = ".part";
/** All tabs take turns at converting, because two conversions at once would share the disk and double the work. A closed tab releases the lock. */
const CONVERT_LOCK = "zoetrope-convert";

export class OpfsShardStore implements BlobShardStore {
  readonly kind = "opfs";
  readonly #folder: FileSystemDirectoryHandle;

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  /** Opens the store and deletes unfinished shards, unless another tab is converting and so still writing some of them. */
  static async open(root: FileSystemDirectoryHandle): Promise<OpfsShardStore> {
    const store = new OpfsShardStore(await root.getDirectoryHandle("shards", { create: true }));
    await navigator.locks.request(CONVERT_LOCK, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await store.#sweep();
    });
    return store;
  }

  async has(name: string, bytes: number): Promise<boolean> {
    const file = await this.#file(name);
    return file?.size === bytes;
  }

  async open(name: string, bytes: number): Promise<ShardWriter> {
    // The name is unique, because another tab may be packing the same model.
    const part = `${name}.${crypto.randomUUID()}${UNFINISHED}`;
    const { handle, access } = await this.#create(part);
    let position = 0;
    return {
      write: async (data) => {
        try {
          const written = access.write(data, { at: position });
          // A full disk may shorten a write instead of refusing it.
          if (written !== data.byteLength) throw new DOMException("short write", "QuotaExceededError");
          position += written;
        } catch (thrown) {
          throw translateStorageError(thrown);
        }
      },
      close: async () => {
        access.close();
        if (position === bytes) await handle.move(name);
        else await this.#folder.removeEntry(part);
      },
    };
  }

  async blob(name: string): Promise<Blob> {
    const file = await this.#file(name);
    if (file === null) throw missingShard(name);
    return file;
  }

  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const name of this.#folder.keys()) if (!name.endsWith(UNFINISHED)) names.push(name);
    return names;
  }

  turn(signal: AbortSignal): Promise<() => void> {
    return new Promise((begin, refuse) => {
      navigator.locks.request(CONVERT_LOCK, { signal }, () => new Promise<void>((end) => begin(end))).catch(refuse);
    });
  }

  async remove(name: string): Promise<void> {
    await this.#folder.removeEntry(name).catch(() => undefined);
  }

  /** Translates errors, because a full disk has no room for even an empty file. */
  async #create(name: string): Promise<{ handle: FileSystemFileHandle; access: FileSystemSyncAccessHandle }> {
    try {
      const handle = await this.#folder.getFileHandle(name, { create: true });
      return { handle, access: await handle.createSyncAccessHandle() };
    } catch (thrown) {
      throw translateStorageError(thrown);
    }
  }

  async #sweep(): Promise<void> {
    for await (const name of this.#folder.keys()) {
      // The browser refuses to remove a file that is open for writing.
      if (name.endsWith(UNFINISHED)) await this.remove(name);
    }
  }

  async #file(name: string): Promise<File | null> {
    try {
      return await (await this.#folder.getFileHandle(name)).getFile();
    } catch {
      return null;
    }
  }
}
