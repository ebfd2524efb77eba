/** Doors to the browser's private file system: what the stores do when things go well, and when they are cut off. */

import { ZoetropeError } from "../../src/core/errors.ts";
import { OpfsModelFiles } from "../../src/storage/model-files.ts";
import { openPrivateFolder } from "../../src/storage/opfs.ts";
import { OpfsShardStore } from "../../src/storage/opfs-shard-store.ts";

/** The size of the pieces that imports are read in. */
const PIECE_BYTES = 16 * 2 ** 20;

async function folder(): Promise<FileSystemDirectoryHandle> {
  const found = await openPrivateFolder();
  if (found === null) throw new Error("this browser has no private file system");
  return found;
}

/** The code of the error that a task ends with; null when it does not. */
async function codeOf(task: Promise<unknown>): Promise<string | null> {
  try {
    await task;
    return null;
  } catch (thrown) {
    return thrown instanceof ZoetropeError ? thrown.code : String(thrown);
  }
}

export const storageApi = {
  /** Writes `written` bytes of a shard that should have `bytes`. */
  async writeShard(name: string, bytes: number, written: number): Promise<string | null> {
    const store = await OpfsShardStore.open(await folder());
    const writer = await store.open(name, bytes);
    const code = await codeOf(writer.write(new Uint8Array(written).fill(7)));
    await writer.close();
    return code;
  },

  /** Begins a shard and never ends it; its file stays open as long as the worker lives. */
  async abandonShard(name: string): Promise<void> {
    const store = await OpfsShardStore.open(await folder());
    await (await store.open(name, 1000)).write(new Uint8Array(500));
  },

  async shard(name: string): Promise<{ bytes: number; sum: number } | null> {
    const store = await OpfsShardStore.open(await folder());
    if (!(await store.list()).some((shard) => shard.name === name)) return null;
    const data = new Uint8Array(await (await store.blob(name)).arrayBuffer());
    return { bytes: data.byteLength, sum: data.reduce((a, b) => a + b, 0) };
  },

  /** Keeps a model of one file with the given first bytes. */
  async keepModel(text: string): Promise<string> {
    const models = await OpfsModelFiles.open(await folder());
    return models.keep([{ path: "a.safetensors", file: new Blob([text]) }], options(new AbortController().signal));
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

  /** A model larger than there is room for. */
  async keepTooMuch(bytes: number): Promise<string | null> {
    const models = await OpfsModelFiles.open(await folder());
    const file = new Blob([new Uint8Array(bytes)]);
    return codeOf(models.keep([{ path: "c.safetensors", file }], options(new AbortController().signal)));
  },

  /** Begins an import that stops in the middle; returns when the first piece is written. */
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

  /** Every file that is there, finished or not. */
  async everything(): Promise<string[]> {
    return walk(await folder(), "");
  },
};

function options(signal: AbortSignal) {
  return { card: (id: string) => ({ id }), report: () => {}, signal };
}

async function walk(directory: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, handle] of directory.entries()) {
    if (handle.kind === "directory") found.push(...(await walk(handle as FileSystemDirectoryHandle, `${prefix}${name}/`)));
    else found.push(prefix + name);
  }
  return found;
}
