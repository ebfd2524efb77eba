/**
 * Unfinished downloads in a folder of the private file system: for each its bytes so far, and a JSON file with the facts about
 * the whole file. They outlive the tab, so that a download can continue after an interruption.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { ZoetropeError } from "../core/errors.ts";
import { translateStorageError } from "./storage-errors.ts";

export interface FileFacts {
  readonly address: string;
  readonly name: string;
  /** null when it is not known. */
  readonly totalBytes: number | null;
  /** The host's Last-Modified; when it changes, the bytes so far belong to an older file. null: the host did not send one. */
  readonly modified: string | null;
  /** The host's strong ETag, for the same purpose. null: the host did not show one; downloads of earlier versions lack it. */
  readonly etag?: string | null;
}

/** A file that is open for writing. Only one holder can have it open, in all tabs. */
export interface PartialFile {
  readonly facts: FileFacts | null;
  readonly size: number;
  append(bytes: Uint8Array<ArrayBuffer>): void;
  /** Deletes the bytes so far. */
  clear(): void;
  /** The bytes so far, piece by piece. */
  pieces(): Iterable<Uint8Array>;
  setFacts(facts: FileFacts): Promise<void>;
  /** Releases the file; its bytes stay. */
  close(): void;
}

export interface PartialFiles {
  open(address: string): Promise<PartialFile>;
  /** The bytes so far of a file that nobody has open. */
  blob(address: string): Promise<Blob>;
  list(): Promise<readonly (FileFacts & { readonly doneBytes: number })[]>;
  remove(address: string): Promise<void>;
}

const PIECE_BYTES = 4 * 2 ** 20;

export class OpfsPartialFiles implements PartialFiles {
  readonly #folder: FileSystemDirectoryHandle;

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  static async open(root: FileSystemDirectoryHandle): Promise<OpfsPartialFiles> {
    return new OpfsPartialFiles(await root.getDirectoryHandle("downloads", { create: true }));
  }

  async open(address: string): Promise<PartialFile> {
    const handle = await this.#folder.getFileHandle(bytesName(address), { create: true });
    const access = await handle.createSyncAccessHandle().catch((cause: unknown) => {
      throw new ZoetropeError("download/busy", {
        message: "This file is being fetched in another tab.",
        hint: "Wait for it there, or cancel it there first.",
        cause,
      });
    });
    let size = access.getSize();
    return {
      facts: await this.#facts(address),
      get size() {
        return size;
      },
      append: (bytes) => {
        try {
          const written = access.write(bytes, { at: size });
          // A full disk may shorten a write instead of refusing it.
          if (written !== bytes.byteLength) throw new DOMException("short write", "QuotaExceededError");
          size += written;
        } catch (thrown) {
          access.truncate(size);
          throw translateStorageError(thrown);
        }
      },
      clear: () => {
        access.truncate(0);
        size = 0;
      },
      *pieces() {
        const piece = new Uint8Array(PIECE_BYTES);
        for (let at = 0; at < size; at += PIECE_BYTES) yield piece.subarray(0, access.read(piece, { at }));
      },
      setFacts: async (facts) => {
        const about = await this.#folder.getFileHandle(factsName(address), { create: true });
        const writer = await about.createSyncAccessHandle();
        try {
          writer.truncate(0);
          const text = utf8ToBytes(JSON.stringify(facts)) as Uint8Array<ArrayBuffer>;
          if (writer.write(text) !== text.byteLength) throw new DOMException("short write", "QuotaExceededError");
        } catch (thrown) {
          throw translateStorageError(thrown);
        } finally {
          writer.close();
        }
      },
      close: () => access.close(),
    };
  }

  async blob(address: string): Promise<Blob> {
    return (await this.#folder.getFileHandle(bytesName(address))).getFile();
  }

  async list(): Promise<readonly (FileFacts & { readonly doneBytes: number })[]> {
    const found = [];
    for await (const name of this.#folder.keys()) {
      if (!name.endsWith(FACTS)) continue;
      const facts = await this.#read(name);
      const blob = facts && (await this.blob(facts.address).catch(() => null));
      if (facts && blob && blob.size > 0) found.push({ ...facts, doneBytes: blob.size });
    }
    return found;
  }

  async remove(address: string): Promise<void> {
    for (const name of [factsName(address), bytesName(address)]) await this.#folder.removeEntry(name).catch(() => undefined);
  }

  #facts(address: string): Promise<FileFacts | null> {
    return this.#read(factsName(address));
  }

  async #read(name: string): Promise<FileFacts | null> {
    try {
      const file = await (await this.#folder.getFileHandle(name)).getFile();
      return JSON.parse(await file.text()) as FileFacts;
    } catch {
      return null;
    }
  }
}

/** For browsers without a private file system, and for tests: files last only as long as the tab. */
export class MemoryPartialFiles implements PartialFiles {
  readonly #files = new Map<string, { facts: FileFacts | null; pieces: Uint8Array<ArrayBuffer>[] }>();

  async open(address: string): Promise<PartialFile> {
    const file = this.#files.get(address) ?? { facts: null, pieces: [] };
    this.#files.set(address, file);
    return {
      facts: file.facts,
      get size() {
        return file.pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
      },
      append: (bytes) => void file.pieces.push(bytes.slice()),
      clear: () => {
        file.pieces = [];
      },
      pieces: () => file.pieces,
      setFacts: async (facts) => {
        file.facts = facts;
      },
      close: () => undefined,
    };
  }

  async blob(address: string): Promise<Blob> {
    return new Blob(this.#files.get(address)?.pieces ?? []);
  }

  async list(): Promise<readonly (FileFacts & { readonly doneBytes: number })[]> {
    const known = [...this.#files.values()].filter(({ facts }) => facts !== null);
    return known.map(({ facts, pieces }) => ({ ...facts!, doneBytes: pieces.reduce((sum, p) => sum + p.byteLength, 0) }));
  }

  async remove(address: string): Promise<void> {
    this.#files.delete(address);
  }
}

const FACTS = ".json";

function bytesName(address: string): string {
  return `${key(address)}.part`;
}

function factsName(address: string): string {
  return `${key(address)}${FACTS}`;
}

function key(address: string): string {
  return bytesToHex(sha256(utf8ToBytes(address))).slice(0, 32);
}
