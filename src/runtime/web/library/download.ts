/**
 * Downloads a model file from any host that allows cross-origin reads. An interrupted download continues with a range request
 * (RFC 9110, section 14). It uses only headers that a host need not allow or expose (Fetch standard, "CORS-safelisted").
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ZoetropeError } from "../../../core/errors.ts";
import type { Downloaded, DownloadProgress } from "../../../protocol/download.ts";
import type { PartialFile, PartialFiles } from "../../../storage/partial-files.ts";

export interface DownloadOptions {
  readonly files: PartialFiles;
  readonly report: (progress: DownloadProgress) => void;
  readonly signal: AbortSignal;
  /** Milliseconds to wait before the next attempt, by the number of attempts in a row that brought nothing. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [500, 2000, 5000, 10_000] as const;
const REPORT_EVERY_MS = 100;

/** @throws ZoetropeError `download/…`, `storage/full`; the signal's reason. The bytes so far stay in `files`. */
export async function downloadFile(address: string, options: DownloadOptions): Promise<Downloaded> {
  const url = fileUrl(address);
  const part = await options.files.open(url.href);
  const download = new Download(url, part, options);
  try {
    await download.run();
  } finally {
    part.close();
  }
  return { name: fileName(url), file: await options.files.blob(url.href), sha256: download.digest() };
}

/** A typed address as the URL that identifies the download. @throws ZoetropeError `download/address` */
export function fileUrl(address: string): URL {
  const text = address.trim();
  const url = parseUrl(/^[a-z]+:/i.test(text) ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || !/\.|^localhost$/.test(url.hostname)) {
    throw new ZoetropeError("download/address", {
      message: "This is not the address of a file.",
      hint: "It begins with https:// and usually ends in .safetensors, .ckpt, .pt, .pth, .bin or .gguf.",
    });
  }
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
  readonly #url: URL;
  readonly #part: PartialFile;
  readonly #options: DownloadOptions;
  #hash = sha256.create();
  #total: number | null;
  #modified: string | null;
  #reportedAt = 0;

  constructor(url: URL, part: PartialFile, options: DownloadOptions) {
    this.#url = url;
    this.#part = part;
    this.#options = options;
    this.#total = part.facts?.totalBytes ?? null;
    this.#modified = part.facts?.modified ?? null;
    for (const piece of part.pieces()) this.#hash.update(piece);
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
      if (pauseMs === undefined) throw this.#cut();
      this.#report(true);
      await pause(pauseMs, signal);
    }
    this.#report(false);
  }

  digest(): string {
    return bytesToHex(this.#hash.digest());
  }

  /** @returns whether the file is whole; false when the connection was cut */
  async #attempt(): Promise<boolean> {
    if (this.#part.size > 0 && this.#part.size === this.#total) return true;
    const response = await this.#ask();
    if (response === null) return false;
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
    const headers: HeadersInit = size > 0 ? { Range: `bytes=${size}-` } : {};
    try {
      return await fetch(this.#url, { signal, headers, cache: "no-store" });
    } catch (cause) {
      signal.throwIfAborted();
      if (size > 0) return null;
      throw unreachable(this.#url, cause);
    }
  }

  /** Whether the response starts at the beginning, or continues the file whose beginning is stored. */
  async #belongs(response: Response): Promise<boolean> {
    const { size } = this.#part;
    if (size > 0 && (response.status === 416 || response.status === 412)) {
      await response.body?.cancel();
      return false;
    }
    const problem = refusal(this.#url, response);
    if (problem !== null) {
      await response.body?.cancel();
      throw problem;
    }
    const modified = response.headers.get("Last-Modified");
    const length = Number(response.headers.get("Content-Length") ?? Number.NaN);
    const rest = response.status === 206;
    if (!rest && size > 0) this.#startOver(); // the host ignores ranges
    const total = Number.isFinite(length) ? this.#part.size + length : null;
    const same = this.#part.size === 0 || (modified === this.#modified && (total ?? this.#total) === this.#total);
    if (!same) {
      await response.body?.cancel();
      return false;
    }
    this.#total = total;
    this.#modified = modified;
    await this.#part.setFacts({ address: this.#url.href, name: fileName(this.#url), totalBytes: total, modified });
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
      if (performance.now() - this.#reportedAt > REPORT_EVERY_MS) this.#report(false);
    }
  }

  #startOver(): void {
    this.#part.clear();
    this.#hash = sha256.create();
    this.#total = null;
    this.#modified = null;
  }

  #report(reconnecting: boolean): void {
    this.#reportedAt = performance.now();
    this.#options.report({
      name: fileName(this.#url),
      doneBytes: this.#part.size,
      totalBytes: this.#total,
      reconnecting,
    });
  }

  #cut(): ZoetropeError {
    return new ZoetropeError("download/cut", {
      message: `The connection to ${this.#url.host} was cut and does not come back; ${offline() ? "this device is offline" : "part of the file is here"}.`,
      hint: "Fetch it again: the download continues from the bytes so far.",
    });
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

function refusal(url: URL, response: Response): ZoetropeError | null {
  const { status, ok } = response;
  const { host } = url;
  if (status === 404 || status === 410) {
    return new ZoetropeError("download/not-found", {
      message: `${host} has no file at this address (${status}).`,
      hint: "Look whether the address is complete, or whether the file has moved.",
    });
  }
  if (status === 401 || status === 403) {
    return new ZoetropeError("download/login", {
      message: `${host} gives this file only to people who are signed in there (${status}).`,
      hint: "Sign in on that site, download the file there, and drop it here.",
    });
  }
  if (!ok) {
    return new ZoetropeError("download/refused", {
      message: `${host} answered with an error (${status}) instead of the file.`,
      hint: "Try again later, or download the file with the browser and drop it here.",
    });
  }
  return /^text\/html\b/i.test(response.headers.get("Content-Type") ?? "") ? webPage(url) : null;
}

function webPage({ host }: URL): ZoetropeError {
  return new ZoetropeError("download/web-page", {
    message: `This address leads to a web page of ${host}, not to a file.`,
    hint: "Copy the address of its download button instead.",
  });
}

function unreachable({ host }: URL, cause: unknown): ZoetropeError {
  if (offline()) {
    return new ZoetropeError("download/offline", {
      message: "This device is offline.",
      hint: "Fetch it again when there is a connection.",
      cause,
    });
  }
  return new ZoetropeError("download/no-cors", {
    message: `${host} could not be read from this page: it does not let other sites read its files (CORS), or it does not answer.`,
    hint: "Download the file with the browser and drop it here.",
    cause,
  });
}

/** Whether the browser knows that it is offline; it does not notice a network without internet access. */
function offline(): boolean {
  return globalThis.navigator?.onLine === false;
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
