/** Why a download failed, in one sentence with what to do next. */

import { bytesWords } from "../../../core/amounts.ts";
import { ZoetropeError } from "../../../core/errors.ts";
import { modelHost } from "./model-hosts.ts";

export function notAnAddress(): ZoetropeError {
  return new ZoetropeError("download/address", {
    message: "This is not the address of a file.",
    hint: "It begins with https:// and usually ends in .safetensors, .ckpt, .pt, .pth, .bin or .gguf.",
  });
}

/** null: the response brings what was asked for. `signedIn`: the request carried an access token. */
export function refusal(url: URL, { status, ok, headers }: Response, signedIn: boolean): ZoetropeError | null {
  const { host } = url;
  if (status === 404 || status === 410) {
    return new ZoetropeError("download/not-found", {
      message: `${host} has no file at this address (${status}).`,
      hint: "Look whether the address is complete, or whether the file has moved.",
    });
  }
  if (status === 401 || status === 403) return login(url, status, signedIn);
  if (status === 429) return tooManyRequests(url, retryAfterMs(headers));
  if (!ok) {
    return new ZoetropeError("download/refused", {
      message: `${host} answered with an error (${status}) instead of the file.`,
      hint: "Try again later, or download the file with the browser and drop it here.",
    });
  }
  return null;
}

function login(url: URL, status: number, signedIn: boolean): ZoetropeError {
  const known = modelHost(url);
  if (signedIn) {
    return new ZoetropeError("download/login", {
      message: `${url.host} does not give this file to the owner of this access token (${status}).`,
      hint: "Sign in there and accept the conditions on the file's page, or look whether the token may read the file.",
    });
  }
  return new ZoetropeError("download/login", {
    message: `${url.host} gives this file only to people who are signed in there (${status}).`,
    hint:
      known === null
        ? "Enter an access token of that host, or sign in there, download the file and drop it here."
        : `Sign in to ${known.name}, accept the conditions on the file's page, and enter an access token from ${known.tokenPage}; or download the file there and drop it here.`,
  });
}

function tooManyRequests({ host }: URL, waitMs: number | null): ZoetropeError {
  return new ZoetropeError("download/too-many", {
    message: `${host} has had too many requests from this connection (429).`,
    hint: waitMs === null ? "Fetch it again in a few minutes." : `Fetch it again in ${waitWords(waitMs)}.`,
  });
}

function waitWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}

/** Milliseconds of Retry-After (RFC 9110, section 10.2.3), seconds or a date; null: not sent, or the host hides it from other sites. */
export function retryAfterMs(headers: Headers): number | null {
  const text = headers.get("Retry-After");
  if (text === null) return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

export function webPage({ host }: URL): ZoetropeError {
  return new ZoetropeError("download/web-page", {
    message: `This address leads to a web page of ${host}, not to a file.`,
    hint: "Copy the address of its download button instead.",
  });
}

/** `redirects`: the host answered, but only with a redirect to another one. */
export function unreachable({ host }: URL, redirects: boolean, cause: unknown): ZoetropeError {
  if (offline()) {
    return new ZoetropeError("download/offline", {
      message: "This device is offline.",
      hint: "Fetch it again when there is a connection.",
      cause,
    });
  }
  const hint = "Download the file with the browser and drop it here.";
  if (redirects) {
    const message = `${host} sends this file from another host, which does not let other sites read it (CORS).`;
    return new ZoetropeError("download/no-cors", { message, hint, cause });
  }
  return new ZoetropeError("download/no-cors", {
    message: `${host} could not be read from this page: it does not let other sites read its files (CORS), or it does not answer.`,
    hint,
    cause,
  });
}

export function cut({ host }: URL): ZoetropeError {
  return new ZoetropeError("download/cut", {
    message: `The connection to ${host} was cut and does not come back; ${offline() ? "this device is offline" : "part of the file is here"}.`,
    hint: "Fetch it again: the download continues from the bytes so far.",
  });
}

export function wrongLength(name: string, { host }: URL, bytes: number, expected: number): ZoetropeError {
  return new ZoetropeError("download/length", {
    message: `${name} has ${bytesWords(bytes)} at ${host}, but its page says ${bytesWords(expected)}.`,
    hint: "The file may just be changing there: fetch it again later.",
  });
}

export function wrongChecksum(name: string, { host }: URL): ZoetropeError {
  return new ZoetropeError("download/checksum", {
    message: `${name} arrived damaged, or is not the file that ${host} lists: its SHA-256 is another one. It was thrown away.`,
    hint: "Fetch it again; if that does not help, do not trust the file.",
  });
}

/** Whether the browser knows that it is offline; it does not notice a network without internet access. */
function offline(): boolean {
  return globalThis.navigator?.onLine === false;
}
