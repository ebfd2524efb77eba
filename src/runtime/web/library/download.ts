/**
 * Downloads a model file from any host that allows cross-origin reads. An interrupted download continues with a range request
 * (RFC 9110, section 14). Without an access token it uses only headers that a host need not allow or expose (Fetch standard,
 * "CORS-safelisted").
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ZoetropeError } from "../../../core/errors.ts";
import type { Downloaded, DownloadOrder, DownloadProgress } from "../../../protocol/download.ts";
import type { PartialFile, PartialFiles } from "../../../storage/partial-files.ts";
import { cut, notAnAddress, refusal, retryAfterMs, unreachable, webPage, wrongChecksum, wrongLength } from "./download-errors.ts";
import { AccessTokens } from "./model-hosts.ts";

export interface DownloadOptions {
  readonly files: PartialFiles;
  readonly report: (progress: DownloadProgress) => void;
  readonly signal: AbortSignal;
  readonly tokens?: AccessTokens;
  /** Milliseconds to wait before the next attempt, by the number of attempts in a row that brought nothing. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [500, 2000, 5000, 10_000] as const;
const REPORT_EVERY_MS = 100;
/** A longer pause than this, asked for by a host, is left to the person. */
const LONGEST_WAIT_MS = 90_000;

/** @throws ZoetropeError `download/…`, `storage/full`; the signal's reason. The bytes so far stay in `files`, unless they are wrong. */
export async function downloadFile(order: DownloadOrder, options: DownloadOptions): Promise<Downloaded> {
  const url = fileUrl(order.address);
  const part = await options.files.open(url.href);
  const download = new Download(url, order, part, options);
  try {
    await download.run();
  } finally {
    part.close();
  }
  return { name: download.name, file: await options.files.blob(url.href), sha256: download.digest };
}

/** An order for a file of which only the address is known. */
export function orderOf(address: string): DownloadOrder {
  return { address, name: null, bytes: null, sha256: null };
}

/** A typed address as the URL that identifies the download. @throws ZoetropeError `download/address` */
export function fileUrl(address: string): URL {
  const text = address.trim();
  const url = parseUrl(/^[a-z]+:/i.test(text) ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || !/\.|^localhost$/.test(url.hostname)) throw notAnAddress();
  url.hash = "";
  // On this host the address of a page about a file and the address of the file differ by one word.
  if (url.hostname === "huggingface.co") url.pathname = url.pathname.replace("/blob/", "/resolve/");
  return url;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

class Download {
  readonly name: string;
  readonly #url: URL;
  readonly #order: DownloadOrder;
  readonly #part: PartialFile;
  readonly #options: DownloadOptions;
  readonly #tokens: AccessTokens;
  #hash = sha256.create();
  #digest = "";
  #total: number | null;
  #modified: string | null;
  #etag: string | null;
  #reportedAt = 0;
  /** The pause that the host has asked for; null: none. */
  #waitMs: number | null = null;

  constructor(url: URL, order: DownloadOrder, part: PartialFile, options: DownloadOptions) {
    this.name = order.name ?? fileName(url);
    this.#url = url;
    this.#order = order;
    this.#part = part;
    this.#options = options;
    this.#tokens = options.tokens ?? new AccessTokens();
    this.#total = part.facts?.totalBytes ?? null;
    this.#modified = part.facts?.modified ?? null;
    this.#etag = part.facts?.etag ?? null;
    for (const piece of part.pieces()) this.#hash.update(piece);
  }

  get digest(): string {
    return this.#digest;
  }

  async run(): Promise<void> {
    const { signal, pausesMs = PAUSES_MS } = this.#options;
    let inVain = 0;
    for (;;) {
      const before = this.#part.size;
      if (await this.#attempt()) break;
      signal.throwIfAborted();
      if (this.#part.size > before) inVain = 0;
      const pauseMs = pausesMs[inVain++];
      if (pauseMs === undefined) throw this.#givenUp ?? cut(this.#url);
      this.#report(this.#waitMs === null ? "reconnecting" : "waiting");
      await pause(this.#waitMs ?? pauseMs, signal);
      this.#waitMs = null;
    }
    this.#verify();
    this.#report("receiving");
  }

  /** The host's last answer, when it was a request to wait. */
  #givenUp: ZoetropeError | null = null;

  /** @throws ZoetropeError `download/length`, `download/checksum`; the bytes are deleted then */
  #verify(): void {
    const { bytes, sha256: expected } = this.#order;
    this.#digest = bytesToHex(this.#hash.digest());
    const { size } = this.#part;
    const long = bytes === null || bytes === size;
    if (long && (expected === null || expected.toLowerCase() === this.#digest)) return;
    this.#startOver();
    throw long ? wrongChecksum(this.name, this.#url) : wrongLength(this.name, this.#url, size, bytes);
  }

  /** @returns whether the file is whole; false when the connection was cut, or the host asked to wait */
  async #attempt(): Promise<boolean> {
    if (this.#part.size > 0 && this.#part.size === this.#total) return true;
    const response = await this.#ask();
    if (response === null || (await this.#mustWait(response))) return false;
    if (!(await this.#belongs(response))) {
      this.#startOver();
      return this.#attempt();
    }
    return this.#receive(response);
  }

  /** null: the connection failed, although an earlier one did not. */
  async #ask(): Promise<Response | null> {
    const { size } = this.#part;
    const { signal } = this.#options;
    const { url, headers } = this.#tokens.authorise(this.#url);
    const range: Record<string, string> = size > 0 ? { Range: `bytes=${size}-` } : {};
    try {
      return await fetch(url, { signal, headers: { ...headers, ...range }, cache: "no-store" });
    } catch (cause) {
      signal.throwIfAborted();
      if (size > 0) return null;
      throw unreachable(this.#url, await this.#redirects(), cause);
    }
  }

  /** Whether the host answers, but with a redirect, so that the failure was the other host's. */
  async #redirects(): Promise<boolean> {
    const { url, headers } = this.#tokens.authorise(this.#url);
    const { signal } = this.#options;
    const response = await fetch(url, { signal, headers, cache: "no-store", redirect: "manual" }).catch(() => null);
    signal.throwIfAborted();
    await response?.body?.cancel();
    return response?.type === "opaqueredirect";
  }

  /** Whether the host asked for a pause that is short enough to wait here. */
  async #mustWait(response: Response): Promise<boolean> {
    if (response.status !== 429 && response.status !== 503) return false;
    const waitMs = retryAfterMs(response.headers);
    if (response.status === 503 && waitMs === null) return false;
    if (waitMs !== null && waitMs > LONGEST_WAIT_MS) return false;
    await response.body?.cancel();
    this.#givenUp = refusal(this.#url, response, this.#tokens.has(this.#url));
    this.#waitMs = waitMs;
    return true;
  }

  /** Whether the response starts at the beginning, or continues the file whose beginning is stored. */
  async #belongs(response: Response): Promise<boolean> {
    const { size } = this.#part;
    if (size > 0 && (response.status === 416 || response.status === 412)) {
      await response.body?.cancel();
      return false;
    }
    const refused = refusal(this.#url, response, this.#tokens.has(this.#url));
    const problem = refused ?? (isWebPage(response) ? webPage(this.#url) : null);
    if (problem !== null) {
      await response.body?.cancel();
      throw problem;
    }
    this.#givenUp = null;
    const modified = response.headers.get("Last-Modified");
    const etag = strongTag(response.headers);
    const length = Number(response.headers.get("Content-Length") ?? Number.NaN);
    const rest = response.status === 206;
    if (!rest && size > 0) this.#startOver(); // the host ignores ranges
    const total = Number.isFinite(length) ? this.#part.size + length : null;
    const sameTag = etag === null || this.#etag === null || etag === this.#etag;
    const same = this.#part.size === 0 || (sameTag && modified === this.#modified && (total ?? this.#total) === this.#total);
    if (!same) {
      await response.body?.cancel();
      return false;
    }
    const { bytes } = this.#order;
    if (bytes !== null && total !== null && total !== bytes) {
      await response.body?.cancel();
      throw wrongLength(this.name, this.#url, total, bytes);
    }
    this.#total = total;
    this.#modified = modified;
    this.#etag = etag;
    await this.#part.setFacts({ address: this.#url.href, name: this.name, totalBytes: total, modified, etag });
    return true;
  }

  async #receive(response: Response): Promise<boolean> {
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch((thrown: unknown) => {
        if (this.#options.signal.aborted) throw thrown;
        return { done: "cut" as const, value: undefined };
      });
      if (done === "cut") return false;
      if (done) return this.#part.size >= (this.#total ?? 0);
      if (this.#part.size === 0 && value[0] === LESS_THAN) {
        await reader.cancel();
        throw webPage(this.#url);
      }
      this.#part.append(value);
      this.#hash.update(value);
      if (performance.now() - this.#reportedAt > REPORT_EVERY_MS) this.#report("receiving");
    }
  }

  #startOver(): void {
    this.#part.clear();
    this.#hash = sha256.create();
    this.#total = null;
    this.#modified = null;
    this.#etag = null;
  }

  #report(state: DownloadProgress["state"]): void {
    this.#reportedAt = performance.now();
    this.#options.report({ name: this.name, doneBytes: this.#part.size, totalBytes: this.#total, state });
  }
}

/** No model file begins with the "<" of a web page. */
const LESS_THAN = 0x3c;

/** The last part of the path; a name without an ending gets ".safetensors". */
function fileName({ pathname }: URL): string {
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // A malformed escape stays as it is.
  }
  if (name === "") name = "model";
  return /\.(safetensors|sft|ckpt|pt|pth|bin|gguf|gif)$/i.test(name) ? name : `${name}.safetensors`;
}

function isWebPage(response: Response): boolean {
  return /^text\/html\b/i.test(response.headers.get("Content-Type") ?? "");
}

/** A strong ETag; weak ones may differ between equal bytes, and most hosts hide theirs from other sites. */
function strongTag(headers: Headers): string | null {
  const tag = headers.get("ETag");
  return tag?.startsWith('"') ? tag : null;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
