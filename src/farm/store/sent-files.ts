/** Files that jobs bring: LoRAs, embeddings, pictures. Each is kept once, under the id of its contents, with the name it came by. */

import { createHash } from "node:crypto";
import { ZoetropeError } from "../../core/errors.ts";
import type { BlobStore } from "./blob-store.ts";

export interface SentFile {
  /** Without folders, and of harmless characters. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Ids of contents as runtime/node/content-id.ts computes them. */
const FILE_ID = /^[0-9a-f]{32}$/;
const CHUNK_BYTES = 16 * 2 ** 20;

export function isFileId(text: string): boolean {
  return FILE_ID.test(text);
}

export class SentFiles {
  readonly #store: BlobStore;

  constructor(store: BlobStore) {
    this.#store = store.below("sent");
  }

  has(id: string): Promise<boolean> {
    return isFileId(id) ? this.#store.has(`${id}.json`) : Promise.resolve(false);
  }

  async get(id: string): Promise<SentFile | null> {
    if (!isFileId(id)) return null;
    const [about, bytes] = await Promise.all([this.#store.get(`${id}.json`), this.#store.get(id)]);
    if (about === null || bytes === null) return null;
    const { name } = JSON.parse(new TextDecoder().decode(about)) as { readonly name: string };
    return { name: harmlessName(name), bytes };
  }

  /**
   * @param name the person's name for the file, of which only harmless characters are kept
   * @returns the id. @throws ZoetropeError `file/other-contents` when the bytes have another one than expected
   */
  async put(name: string, bytes: Uint8Array, expected: string | null = null): Promise<string> {
    const id = contentIdOfBytes(bytes);
    if (expected !== null && id !== expected) {
      throw new ZoetropeError("file/other-contents", {
        message: "The file did not arrive as it was sent.",
        hint: "Send it again.",
      });
    }
    await this.#store.put(id, bytes);
    // Written last: a file without it was interrupted.
    await this.#store.put(`${id}.json`, new TextEncoder().encode(JSON.stringify({ name: harmlessName(name) })));
    return id;
  }
}

/** SHA-256 over the SHA-256 of every 16 MiB piece, 32 hexadecimal digits of it. */
export function contentIdOfBytes(bytes: Uint8Array): string {
  const hash = createHash("sha256");
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES)
    hash.update(
      createHash("sha256")
        .update(bytes.subarray(offset, offset + CHUNK_BYTES))
        .digest(),
    );
  return hash.digest("hex").slice(0, 32);
}

/** The last part of a name with letters, digits, spaces and ._()+- alone; never empty, never hidden. */
export function harmlessName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const kept = last
    .replace(/[^\p{L}\p{N} ._()+-]/gu, "_")
    .replace(/^[. ]+/, "")
    .slice(-100)
    .trim();
  return kept === "" ? "file" : kept;
}
