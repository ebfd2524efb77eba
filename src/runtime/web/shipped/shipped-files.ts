/**
 * Fetches the files that ship with the page (Mini, the tokenizer's vocabulary) and keeps them in the browser's cache, so that
 * later visits transfer nothing. A manifest names each file's contents; a file is fetched anew only when its contents changed.
 */

import { ZoetropeError } from "../../../core/errors.ts";

export interface ManifestEntry {
  readonly path: string;
  /** The stored bytes; for a gzip file, `plainBytes` counts its contents. */
  readonly bytes: number;
  readonly plainBytes: number;
  /** SHA-256 of the stored bytes, hexadecimal. */
  readonly sha256: string;
}

export interface FetchProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export const SHIPPED_CACHE = "zoetrope-files";
export const SHIPPED_MANIFEST = "shipped.json";

/** The URL of a file, which changes with its contents. @param base URL of the folder that holds the manifest, ending in a slash */
export function shippedUrl(base: string, { path, sha256 }: ManifestEntry): string {
  return `${base}${path}?${sha256.slice(0, 16)}`;
}

export class ShippedFiles {
  readonly #base: string;
  #manifest: Promise<ReadonlyMap<string, ManifestEntry>> | null = null;

  /** @param base URL of the folder that holds `shipped.json`, ending in a slash */
  constructor(base: string) {
    this.#base = base;
  }

  async entry(path: string): Promise<ManifestEntry> {
    const entry = (await this.#entries()).get(path);
    if (entry === undefined) throw unreachable(path);
    return entry;
  }

  /** The bytes of one file, from the cache or the network. */
  async read(
    path: string,
    report: (progress: FetchProgress) => void = () => {},
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const entry = await this.entry(path);
    const url = shippedUrl(this.#base, entry);
    const cache = await caches.open(SHIPPED_CACHE).catch(() => null);
    const kept = await cache?.match(url);
    if (kept !== undefined) return new Uint8Array(await kept.arrayBuffer());
    const response = await fetchOrExplain(url, path, signal);
    const bytes = await collect(response, entry, report);
    // On a full disk only caching fails.
    await cache?.put(url, new Response(bytes)).catch(() => undefined);
    return bytes;
  }

  /** The bytes that must be fetched before all of `paths` are cached. */
  async missingBytes(paths: readonly string[]): Promise<number> {
    const cache = await caches.open(SHIPPED_CACHE).catch(() => null);
    let missing = 0;
    for (const path of paths) {
      const entry = await this.entry(path);
      if ((await cache?.match(shippedUrl(this.#base, entry))) === undefined) missing += entry.bytes;
    }
    return missing;
  }

  #entries(): Promise<ReadonlyMap<string, ManifestEntry>> {
    this.#manifest ??= this.#loadManifest().catch((thrown: unknown) => {
      this.#manifest = null;
      throw thrown;
    });
    return this.#manifest;
  }

  /** From the network if there is one, so that a new version is noticed; else from the cache. */
  async #loadManifest(): Promise<ReadonlyMap<string, ManifestEntry>> {
    const url = `${this.#base}${SHIPPED_MANIFEST}`;
    const cache = await caches.open(SHIPPED_CACHE).catch(() => null);
    let response: Response;
    try {
      response = await fetchOrExplain(url, SHIPPED_MANIFEST);
      await cache?.put(url, response.clone()).catch(() => undefined);
    } catch (thrown) {
      const kept = await cache?.match(url);
      if (kept === undefined) throw thrown;
      response = kept;
    }
    const { files } = (await response.json()) as { files: readonly ManifestEntry[] };
    return new Map(files.map((file) => [file.path, file]));
  }
}

async function fetchOrExplain(url: string, path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(path, cause);
  }
  if (!response.ok) throw unreachable(path, `HTTP ${response.status}`);
  return response;
}

/** Reads a response piece by piece. Progress counts stored bytes, even if the browser has decoded a Content-Encoding. */
async function collect(
  response: Response,
  entry: ManifestEntry,
  report: (progress: FetchProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const expected = response.headers.has("Content-Encoding") ? entry.plainBytes : entry.bytes;
  const bytes = new Uint8Array(Math.max(expected, entry.bytes));
  let length = 0;
  for await (const chunk of response.body!) {
    if (length + chunk.byteLength > bytes.byteLength) throw damaged(entry.path);
    bytes.set(chunk, length);
    length += chunk.byteLength;
    report({ doneBytes: Math.min(entry.bytes, Math.round((length / expected) * entry.bytes)), totalBytes: entry.bytes });
  }
  if (length !== expected && length !== entry.bytes && length !== entry.plainBytes) throw damaged(entry.path);
  return bytes.slice(0, length);
}

function unreachable(path: string, cause?: unknown): ZoetropeError {
  return new ZoetropeError("network/unreachable", {
    message: `${path} could not be fetched from this site.`,
    hint: "Check the connection and try again.",
    cause,
  });
}

function damaged(path: string): ZoetropeError {
  return new ZoetropeError("network/damaged", {
    message: `${path} did not arrive whole.`,
    hint: "Try again; if it happens again, reload the page.",
  });
}
