/** Ids of the contents of files on disk. They equal the ids under which the page's shelf keeps the same files. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ZoetropeError } from "../../core/errors.ts";
import { filesOf } from "./file-source.ts";

/** As in storage/model-files.ts. */
const CHUNK_BYTES = 16 * 2 ** 20;

/** What was read of a file, so that it is not read again until it changes. */
interface Known {
  readonly size: number;
  readonly changedMs: number;
  readonly inode: number;
  readonly digests: readonly Buffer[];
}

/** Reads every file once as long as its size, its time of change and its place on the disk stay the same. */
export class ContentIds {
  readonly #known = new Map<string, Known>();

  /**
   * The id of a file, or of all files below a folder in the order of their paths: SHA-256 over the SHA-256 of every 16 MiB piece of every
   * file, 32 hexadecimal digits of it.
   * @throws ZoetropeError `file/not-found`
   */
  async of(path: string): Promise<string> {
    return this.ofFiles(await filesOf(path));
  }

  /** The same of these files. */
  async ofFiles(paths: readonly string[]): Promise<string> {
    const hash = createHash("sha256");
    for (const file of paths) for (const digest of await this.#digests(file)) hash.update(digest);
    return hash.digest("hex").slice(0, 32);
  }

  async #digests(path: string): Promise<readonly Buffer[]> {
    try {
      const { size, mtimeMs: changedMs, ino: inode } = await stat(path);
      const known = this.#known.get(path);
      if (known?.size === size && known.changedMs === changedMs && known.inode === inode) return known.digests;
      const digests = await pieceDigests(path);
      this.#known.set(path, { size, changedMs, inode, digests });
      return digests;
    } catch (cause) {
      const hint = "Check the path and that the file is readable.";
      throw new ZoetropeError("file/not-found", { message: `${path} could not be opened.`, hint, cause });
    }
  }
}

async function pieceDigests(path: string): Promise<Buffer[]> {
  const digests: Buffer[] = [];
  let hash = createHash("sha256");
  let filled = 0;
  const close = () => {
    digests.push(hash.digest());
    hash = createHash("sha256");
    filled = 0;
  };
  for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    for (let offset = 0; offset < bytes.length; ) {
      const taken = bytes.subarray(offset, offset + CHUNK_BYTES - filled);
      hash.update(taken);
      filled += taken.length;
      offset += taken.length;
      if (filled === CHUNK_BYTES) close();
    }
  }
  if (filled > 0) close();
  return digests;
}
