/** Blobs as files of a folder. A file gets its name when it is whole, so that readers and interrupted writers never see half of one. */

import { randomUUID } from "node:crypto";
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ZoetropeError } from "../../core/errors.ts";
import { type BlobStore, checkName } from "./blob-store.ts";

const UNFINISHED = /^\.[0-9a-f-]{36}\.part$/;
/** No clip takes this long to write. */
const ABANDONED_MS = 3600_000;

export class FolderStore implements BlobStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes what writers left behind that were killed before their file was whole. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      if (!UNFINISHED.test(name)) continue;
      const info = await stat(path).catch(() => null);
      if (info !== null && Date.now() - info.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
    }
  }

  async has(name: string): Promise<boolean> {
    return access(this.#path(name)).then(
      () => true,
      () => false,
    );
  }

  async get(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return new Uint8Array(await readFile(this.#path(name)));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw cause;
    }
  }

  /** @throws ZoetropeError `store/not-written` */
  async put(name: string, bytes: Uint8Array): Promise<boolean> {
    const path = this.#path(name);
    if (await this.has(name)) return false;
    const unfinished = join(this.#folder, `.${randomUUID()}.part`);
    try {
      await mkdir(this.#folder, { recursive: true });
      const file = await open(unfinished, "wx");
      try {
        await file.writeFile(bytes);
        // The queue may say that a job is done as soon as the file has its name, so its bytes must be on the disk by then.
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, path);
      return true;
    } catch (cause) {
      await rm(unfinished, { force: true });
      throw new ZoetropeError("store/not-written", {
        message: `${this.#folder} could not be written to.`,
        hint: "Check that the folder can be written to and the disk has room.",
        cause,
      });
    }
  }

  below(folder: string): BlobStore {
    return new FolderStore(join(this.#folder, folder));
  }

  #path(name: string): string {
    checkName(name);
    return join(this.#folder, name);
  }
}
