/**
 * Keeps the files that a person added, unchanged. Each import gets a folder whose `manifest.json` is written last, so a folder
 * without a manifest is an interrupted import, which the next start deletes.
 */

import { missingFile, translateStorageError } from "./storage-errors.ts";

/** Files are read, hashed and written in pieces of this size. */
const CHUNK_BYTES = 16 * 2 ** 20;
const MANIFEST = "manifest.json";
const IMPORT_LOCK = "zoetrope-import";

export interface KeptModel {
  /** SHA-256 over the SHA-256 of every 16 MiB piece of every file, hexadecimal, 32 digits of it. */
  readonly id: string;
  /** The shelf's plain data about the model; this store only carries it. */
  readonly entry: unknown;
}

export interface KeptFile {
  readonly path: string;
  readonly blob: Blob;
}

export interface FileToKeep {
  readonly path: string;
  readonly file: Blob;
}

export interface KeepOptions {
  /** Makes the shelf's entry from the contents' id. */
  readonly entry: (id: string) => unknown;
  readonly report: (doneBytes: number) => void;
  readonly signal: AbortSignal;
}

export interface Kept {
  readonly id: string;
  /** Whether the same contents were stored before, perhaps by another tab while this one waited. */
  readonly known: boolean;
}

export interface ModelFileStore {
  list(): Promise<readonly KeptModel[]>;
  /** null when there is no such model. */
  files(id: string): Promise<readonly KeptFile[] | null>;
  /** Keeps a copy; contents that are stored already are not stored twice. Throws `storage/full` or the signal's reason, and then leaves nothing behind. */
  keep(files: readonly FileToKeep[], options: KeepOptions): Promise<Kept>;
  remove(id: string): Promise<void>;
}

interface Manifest {
  readonly id: string;
  /** The shelf's entry, under the name that stores on people's devices have. */
  readonly card: unknown;
  readonly paths: readonly string[];
}

/** Keeps models in a folder of the private file system, where they outlive the tab. */
export class OpfsModelFiles implements ModelFileStore {
  readonly #root: FileSystemDirectoryHandle;

  private constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  /** Opens the store and deletes interrupted imports, unless another tab is importing. */
  static async open(folder: FileSystemDirectoryHandle): Promise<OpfsModelFiles> {
    const store = new OpfsModelFiles(await folder.getDirectoryHandle("models", { create: true }));
    await navigator.locks.request(IMPORT_LOCK, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await store.#sweep();
    });
    return store;
  }

  async list(): Promise<readonly KeptModel[]> {
    return (await this.#manifests()).map(({ manifest: { id, card } }) => ({ id, entry: card }));
  }

  async files(id: string): Promise<readonly KeptFile[] | null> {
    const found = (await this.#manifests()).find(({ manifest }) => manifest.id === id);
    if (found === undefined) return null;
    return Promise.all(
      found.manifest.paths.map(async (path, i) => {
        const handle = await found.folder.getFileHandle(String(i)).catch((cause: unknown) => {
          throw missingFile(path, cause);
        });
        return { path, blob: await handle.getFile() };
      }),
    );
  }

  async keep(files: readonly FileToKeep[], { entry, report, signal }: KeepOptions): Promise<Kept> {
    return navigator.locks.request(IMPORT_LOCK, { signal }, async () => {
      const name = crypto.randomUUID();
      try {
        const folder = await this.#root.getDirectoryHandle(name, { create: true });
        const id = await copyAll(files, report, signal, (i) => fileWriter(folder, String(i)));
        if ((await this.list()).some((kept) => kept.id === id)) {
          await this.#root.removeEntry(name, { recursive: true });
          return { id, known: true };
        }
        const manifest: Manifest = { id, card: entry(id), paths: files.map(({ path }) => path) };
        const writer = await fileWriter(folder, MANIFEST);
        try {
          writer.write(new TextEncoder().encode(JSON.stringify(manifest)));
        } finally {
          writer.close();
        }
        return { id, known: false };
      } catch (thrown) {
        await this.#root.removeEntry(name, { recursive: true }).catch(() => undefined);
        throw translateStorageError(thrown);
      }
    });
  }

  async remove(id: string): Promise<void> {
    for (const { name, manifest } of await this.#manifests()) {
      if (manifest.id === id) await this.#root.removeEntry(name, { recursive: true });
    }
  }

  async #manifests(): Promise<{ name: string; folder: FileSystemDirectoryHandle; manifest: Manifest }[]> {
    const found = [];
    for await (const [name, handle] of this.#root.entries()) {
      const folder = handle as FileSystemDirectoryHandle;
      const manifest = await readManifest(folder);
      if (manifest !== null) found.push({ name, folder, manifest });
    }
    return found;
  }

  async #sweep(): Promise<void> {
    for await (const [name, handle] of this.#root.entries()) {
      if ((await readManifest(handle as FileSystemDirectoryHandle)) === null)
        await this.#root.removeEntry(name, { recursive: true });
    }
  }
}

/** For browsers without a private file system: models last only as long as the tab. */
export class MemoryModelFiles implements ModelFileStore {
  readonly #models = new Map<string, { entry: unknown; files: readonly KeptFile[] }>();

  async list(): Promise<readonly KeptModel[]> {
    return [...this.#models].map(([id, { entry }]) => ({ id, entry }));
  }

  async files(id: string): Promise<readonly KeptFile[] | null> {
    return this.#models.get(id)?.files ?? null;
  }

  /** Keeps references: the browser reads the files from the person's disk when they are used. */
  async keep(files: readonly FileToKeep[], { entry, report, signal }: KeepOptions): Promise<Kept> {
    const id = await copyAll(files, report, signal, async () => ({ write: () => undefined, close: () => undefined }));
    const known = this.#models.has(id);
    this.#models.set(id, { entry: entry(id), files: files.map(({ path, file }) => ({ path, blob: file })) });
    return { id, known };
  }

  async remove(id: string): Promise<void> {
    this.#models.delete(id);
  }
}

interface Writer {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** @returns the id of the contents */
async function copyAll(
  files: readonly FileToKeep[],
  report: (doneBytes: number) => void,
  signal: AbortSignal,
  open: (index: number) => Promise<Writer>,
): Promise<string> {
  const digests: Uint8Array[] = [];
  let done = 0;
  for (const [index, { file }] of files.entries()) {
    const writer = await open(index);
    try {
      for (let offset = 0; offset < file.size; offset += CHUNK_BYTES) {
        signal.throwIfAborted();
        const bytes = new Uint8Array(await file.slice(offset, offset + CHUNK_BYTES).arrayBuffer());
        digests.push(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
        writer.write(bytes);
        done += bytes.byteLength;
        report(done);
      }
    } finally {
      writer.close();
    }
  }
  const all = new Uint8Array(await new Blob(digests as BlobPart[]).arrayBuffer());
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function fileWriter(folder: FileSystemDirectoryHandle, name: string): Promise<Writer> {
  const handle = await folder.getFileHandle(name, { create: true });
  const access = await handle.createSyncAccessHandle();
  let position = 0;
  return {
    write: (bytes) => {
      const written = access.write(bytes, { at: position });
      // A full disk may shorten a write instead of refusing it.
      if (written !== bytes.byteLength) throw new DOMException("short write", "QuotaExceededError");
      position += written;
    },
    close: () => access.close(),
  };
}

async function readManifest(folder: FileSystemDirectoryHandle): Promise<Manifest | null> {
  try {
    const file = await (await folder.getFileHandle(MANIFEST)).getFile();
    return JSON.parse(await file.text()) as Manifest;
  } catch {
    return null;
  }
}
