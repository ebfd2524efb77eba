/** Drives the stores on the browser's private file system, to the end or interrupted, for e2e/storage.spec.ts. */

import { ZoetropeError } from "../../src/core/errors.ts";
import type { KeptRecord } from "../../src/protocol/history.ts";
import { IdbHistoryStore } from "../../src/storage/history-store.ts";
import { OpfsModelFiles } from "../../src/storage/model-files.ts";
import { openPrivateFolder } from "../../src/storage/opfs.ts";
import { OpfsShardStore } from "../../src/storage/opfs-shard-store.ts";
import { OpfsPartialFiles } from "../../src/storage/partial-files.ts";
import { ifUnused, use, whenUnused } from "../../src/storage/use-locks.ts";

/** The size of the pieces that imports read. */
const PIECE_BYTES = 16 * 2 ** 20;
/** Address of a download that never resumes. */
const ADDRESS = "https://example.org/model.safetensors";

async function folder(): Promise<FileSystemDirectoryHandle> {
  const found = await openPrivateFolder();
  if (found === null) throw new Error("this browser has no private file system");
  return found;
}

/** The code of the error that a task ends with, null if it succeeds. */
async function codeOf(task: Promise<unknown>): Promise<string | null> {
  try {
    await task;
    return null;
  } catch (thrown) {
    return thrown instanceof ZoetropeError ? thrown.code : String(thrown);
  }
}

export const storageApi = {
  /**
   * Opens the private folder `times` times at once, as tabs and workers that start together do. @returns the number of
   * successes
   */
  async openTogether(times: number): Promise<number> {
    const folders = await Promise.all(Array.from({ length: times }, openPrivateFolder));
    return folders.filter((found) => found !== null).length;
  },

  /** Writes `written` bytes of a shard that should have `bytes`. */
  async writeShard(name: string, bytes: number, written: number): Promise<string | null> {
    const store = await OpfsShardStore.open(await folder());
    return codeOf(
      store.open(name, bytes).then(async (writer) => {
        await writer.write(new Uint8Array(written).fill(7)).finally(() => writer.close());
      }),
    );
  },

  /** Begins a shard and never ends it, so that its file stays open as long as the worker lives. */
  async abandonShard(name: string): Promise<void> {
    const store = await OpfsShardStore.open(await folder());
    await (await store.open(name, 1000)).write(new Uint8Array(500));
  },

  /** Acquires the turn to convert and keeps it as long as the worker lives. */
  async beginConverting(): Promise<void> {
    const store = await OpfsShardStore.open(await folder());
    await store.turn(new AbortController().signal);
  },

  async shard(name: string): Promise<{ bytes: number; sum: number } | null> {
    const store = await OpfsShardStore.open(await folder());
    if (!(await store.names()).includes(name)) return null;
    const data = new Uint8Array(await (await store.blob(name)).arrayBuffer());
    return { bytes: data.byteLength, sum: data.reduce((a, b) => a + b, 0) };
  },

  /** Stores a model of one file that begins with `text`. */
  async keepModel(text: string): Promise<string> {
    const models = await OpfsModelFiles.open(await folder());
    const file = new Blob([text]);
    return (await models.keep([{ path: "a.safetensors", file }], options(new AbortController().signal))).id;
  },

  async cancelKeeping(): Promise<string | null> {
    const models = await OpfsModelFiles.open(await folder());
    const controller = new AbortController();
    const keeping = models.keep([{ path: "b.safetensors", file: new Blob([new Uint8Array(3 * PIECE_BYTES)]) }], {
      ...options(controller.signal),
      report: () => controller.abort(new ZoetropeError("test/cancelled", { message: "cancelled" })),
    });
    return codeOf(keeping);
  },

  /** Cancels an import that waits for another tab's. @returns the error's code, null if none came within a second */
  async cancelWaiting(): Promise<string | null> {
    const models = await OpfsModelFiles.open(await folder());
    const controller = new AbortController();
    const keeping = codeOf(models.keep([{ path: "e.safetensors", file: new Blob(["e"]) }], options(controller.signal)));
    controller.abort(new ZoetropeError("test/cancelled", { message: "cancelled" }));
    return Promise.race([keeping, new Promise<null>((resolve) => setTimeout(resolve, 1000, null))]);
  },

  /** Stores a model whose files fit, with an entry of `entryBytes`. */
  async keepDescribed(entryBytes: number): Promise<string | null> {
    const models = await OpfsModelFiles.open(await folder());
    const described = { ...options(new AbortController().signal), entry: (id: string) => ({ id, text: "x".repeat(entryBytes) }) };
    return codeOf(models.keep([{ path: "f.safetensors", file: new Blob([new Uint8Array(1e6)]) }], described));
  },

  /** Stores the facts of a download whose name has `nameLength` letters. */
  async keepFacts(nameLength: number): Promise<string | null> {
    const files = await OpfsPartialFiles.open(await folder());
    const part = await files.open(ADDRESS);
    const facts = { address: ADDRESS, name: "n".repeat(nameLength), totalBytes: 1, modified: null };
    try {
      return await codeOf(part.setFacts(facts));
    } finally {
      part.close();
    }
  },

  /** Holds a model's lock as long as the worker lives. */
  async useModel(name: string): Promise<void> {
    await use([name], new AbortController().signal);
  },

  /** Removes a model when nobody uses it. @returns true if that happened within `withinMs` */
  async removeWhenUnused(name: string, withinMs: number): Promise<boolean> {
    const taken = whenUnused(name, async () => true);
    return Promise.race([taken, new Promise<false>((resolve) => setTimeout(resolve, withinMs, false))]);
  },

  /** Removes a model only if nobody uses it now. @returns true if it did */
  async removeIfUnused(name: string): Promise<boolean> {
    let taken = false;
    await ifUnused(name, async () => {
      taken = true;
    });
    return taken;
  },

  /** Stores a model that is larger than the room left. */
  async keepTooMuch(bytes: number): Promise<string | null> {
    const models = await OpfsModelFiles.open(await folder());
    const file = new Blob([new Uint8Array(bytes)]);
    return codeOf(models.keep([{ path: "c.safetensors", file }], options(new AbortController().signal)));
  },

  /** Begins an import that stops in the middle; resolves when it has written the first piece. */
  async abandonKeeping(): Promise<void> {
    const models = await OpfsModelFiles.open(await folder());
    const slow = new Blob([new Uint8Array(2 * PIECE_BYTES)]);
    const original = slow.slice.bind(slow);
    slow.slice = (start, end) => {
      const piece = original(start, end);
      if (start !== 0) piece.arrayBuffer = () => new Promise(() => {});
      return piece;
    };
    await new Promise<void>((resolve) => {
      void models.keep([{ path: "d.safetensors", file: slow }], {
        ...options(new AbortController().signal),
        report: () => resolve(),
      });
    });
  },

  async models(): Promise<{ id: string; paths: string[]; text: string }[]> {
    const models = await OpfsModelFiles.open(await folder());
    return Promise.all(
      (await models.list()).map(async ({ id }) => {
        const files = (await models.files(id)) ?? [];
        return { id, paths: files.map(({ path }) => path), text: await (files[0]?.blob.text() ?? "") };
      }),
    );
  },

  /** Adds animations to the history at the same time, each over a connection of its own, as tabs do. */
  async keepAnimations(ids: readonly string[]): Promise<void> {
    const stores = await Promise.all(ids.map(() => IdbHistoryStore.open()));
    await Promise.all(stores.map((store, i) => store.put(testRecord(ids[i]!, i), [new Uint8Array([1, 2, 3])])));
  },

  /** Marks an animation as a favourite and names it at the same time, over two connections. */
  async changeAnimation(id: string, title: string): Promise<void> {
    const [one, other] = [await IdbHistoryStore.open(), await IdbHistoryStore.open()];
    await Promise.all([one.change(id, { favourite: true }), other.change(id, { title })]);
  },

  async removeAnimations(ids: readonly string[], at: number): Promise<void> {
    await (await IdbHistoryStore.open()).remove(ids, at);
  },

  async restoreAnimations(ids: readonly string[]): Promise<void> {
    await (await IdbHistoryStore.open()).restore(ids);
  },

  async sweepAnimations(until: number): Promise<{ count: number; earliestLeft: number | null }> {
    return (await IdbHistoryStore.open()).sweep(until);
  },

  /** The history's list, and the ids whose pictures exist. */
  async animations(ids: readonly string[]) {
    const store = await IdbHistoryStore.open();
    const frames = await Promise.all(ids.map(async (id) => ((await store.frames(id)) === null ? [] : [id])));
    const listed = (await store.list()).map(({ id, favourite, title }) => ({ id, favourite, title }));
    return { listed, withPictures: frames.flat() };
  },

  /** Paths of all files, finished and unfinished. */
  async allFiles(): Promise<string[]> {
    return walk(await folder(), "");
  },
};

/** A record with only the fields that the store reads. */
function testRecord(id: string, createdAt: number): KeptRecord {
  return { id, createdAt, favourite: false, title: null } as unknown as KeptRecord;
}

function options(signal: AbortSignal) {
  return { entry: (id: string) => ({ id }), report: () => {}, signal };
}

async function walk(directory: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, handle] of directory.entries()) {
    if (handle.kind === "directory") found.push(...(await walk(handle as FileSystemDirectoryHandle, `${prefix}${name}/`)));
    else found.push(prefix + name);
  }
  return found;
}
