/**
 * Keeps which clips of a folder are done, so that a batch goes on where it was stopped: a line of JSON for each, beside the clips. The line
 * is written before the clip gets its name, so that a name in the list without a file is an interrupted clip, and no file is there unlisted.
 */

import { appendFile, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { ZoetropeError } from "../core/errors.ts";

export const MANIFEST = "zoetrope-batch.jsonl";
const HASH_DIGITS = 8;

interface Entry {
  readonly hash: string;
  /** Path below the folder, with slashes. */
  readonly file: string;
  /** Of the file, or of all files in a folder of frames. */
  readonly bytes: number;
}

export class BatchManifest {
  readonly #folder: string;
  readonly #byKey = new Map<string, Entry>();
  readonly #hashOfFile = new Map<string, string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<BatchManifest> {
    const manifest = new BatchManifest(folder);
    const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => "");
    for (const line of text.split("\n")) manifest.#add(entryIn(line));
    return manifest;
  }

  /** The file that holds this clip in this format, as it was written; null: none does, or not any longer. */
  async done(hash: string, format: string): Promise<string | null> {
    const entry = this.#byKey.get(keyOf(hash, format));
    if (entry === undefined || this.#hashOfFile.get(fold(entry.file)) !== hash) return null;
    return (await bytesOf(join(this.#folder, entry.file))) === entry.bytes ? entry.file : null;
  }

  /** The name, with digits of the hash where another clip or somebody's file has it already. */
  async freeName(file: string, hash: string): Promise<string> {
    const own = this.#hashOfFile.get(fold(file)) === hash;
    if (own || (await bytesOf(join(this.#folder, file))) === null) return file;
    const { dir, name, ext } = parse(file);
    return [...(dir === "" ? [] : [dir]), `${name}-${hash.slice(0, HASH_DIGITS)}${ext}`].join("/");
  }

  /** Where a clip is written until it is whole. */
  partial(file: string, hash: string): string {
    return join(this.#folder, dirname(file), `.part-${hash.slice(0, HASH_DIGITS)}${parse(file).ext}`);
  }

  /** Gives a whole clip its name. */
  async finish(file: string, hash: string): Promise<void> {
    const part = this.partial(file, hash);
    const entry = { hash, file, bytes: (await bytesOf(part)) ?? 0 };
    try {
      await mkdir(this.#folder, { recursive: true });
      await appendFile(join(this.#folder, MANIFEST), `${JSON.stringify(entry)}\n`, { flush: true });
      // A folder of frames that lacks some is in the way of the whole one.
      await rm(join(this.#folder, file), { recursive: true, force: true });
      await rename(part, join(this.#folder, file));
    } catch (cause) {
      const hint = "Check that the folder can be written to and the disk has room.";
      throw new ZoetropeError("output/not-written", { message: `${file} could not be written.`, hint, cause });
    }
    this.#add(entry);
  }

  #add(entry: Entry | null): void {
    if (entry === null) return;
    this.#byKey.set(keyOf(entry.hash, parse(entry.file).ext), entry);
    this.#hashOfFile.set(fold(entry.file), entry.hash);
  }
}

function keyOf(hash: string, format: string): string {
  return hash + format.toLowerCase();
}

/** Some file systems do not tell "A.gif" from "a.gif". */
export function fold(file: string): string {
  return file.toLowerCase();
}

/** null for a line that was cut off, or is none of ours. */
function entryIn(line: string): Entry | null {
  try {
    const { hash, file, bytes } = JSON.parse(line) as Record<string, unknown>;
    return typeof hash === "string" && typeof file === "string" && typeof bytes === "number" ? { hash, file, bytes } : null;
  } catch {
    return null;
  }
}

/** null: there is no such file. */
async function bytesOf(path: string): Promise<number | null> {
  const info = await stat(path).catch(() => null);
  if (!info?.isDirectory()) return info?.size ?? null;
  const sizes = (await readdir(path)).map(async (name) => (await stat(join(path, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
