/**
 * Shards in the private file system. A shard is written under a temporary name and takes its own when it is whole, so a
 * half-written one never loads; its file is never changed afterwards, because a session may still be reading it.
 */

import type { ShardWriter } from "../graph/shards.ts";
import type { BlobShardStore, StoredShard } from "./shard-store.ts";
import { missingShard, translateStorageError } from "./storage-errors.ts";

const UNFINISHED = ".part";
/** One conversion at a time in all tabs: two of them would share the disk and double the work. The browser ends it with the tab. */
const CONVERT_LOCK = "zoetrope-convert";

export class OpfsShardStore implements BlobShardStore {
  readonly kind = "opfs";
  readonly #folder: FileSystemDirectoryHandle;

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  /** Opens the store and sweeps away what was left unfinished, unless another tab is converting: its shards are unfinished, too. */
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
    // A name of its own: another tab may be packing the same model.
    const part = `${name}.${crypto.randomUUID()}${UNFINISHED}`;
    const { handle, access } = await this.#create(part);
    let position = 0;
    return {
      write: async (data) => {
        try {
          const written = access.write(data, { at: position });
          // A full disk may cut a write short instead of refusing it.
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

  async list(): Promise<readonly StoredShard[]> {
    const shards: StoredShard[] = [];
    for await (const [name, handle] of this.#folder.entries()) {
      if (name.endsWith(UNFINISHED)) continue;
      const { size } = await (handle as FileSystemFileHandle).getFile();
      shards.push({ name, bytes: size });
    }
    return shards;
  }

  async names(): Promise<readonly string[]> {
    return (await this.list()).map(({ name }) => name);
  }

  turn(signal: AbortSignal): Promise<() => void> {
    return new Promise((begin, refuse) => {
      navigator.locks.request(CONVERT_LOCK, { signal }, () => new Promise<void>((end) => begin(end))).catch(refuse);
    });
  }

  async remove(name: string): Promise<void> {
    await this.#folder.removeEntry(name).catch(() => undefined);
  }

  /** Even an empty file needs room for its name. */
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
      // One that is open for writing can't be removed and stays.
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
