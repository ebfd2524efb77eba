/**
 * A host of model files on an origin of its own, which behaves as the large hosts do: other sites may read its files, redirects
 * lead to another origin, Range requests continue a file, some files need an access token, and too many requests are refused. It
 * interrupts responses when a test tells it to.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestFile } from "./studio.ts";

export interface ModelHost {
  /**
   * Ends in a slash. Folders, each with the files by NAME: `file/`; `moved/` redirects to another origin, `lost/` to one that
   * other sites may not read; `gated/` wants the access token `TOKEN`, `closed/` refuses it, too; `busy/` refuses the first
   * request for a second, `shut/` all of them for ten minutes; `unshared/` is not for other sites; `page/` is a web page.
   */
  readonly url: string;
  /** The Range headers of all requests for files, in order. */
  readonly ranges: readonly (string | null)[];
  /** Behaviour of the next responses half-way: break the connection, or keep it open and send no more. */
  halfWay(...acts: readonly ("cut" | "stall")[]): void;
  close(): void;
}

export const TOKEN = "hf_right";

const SHARED = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After" };

/** Serves one file under every name, or several under their own. */
export async function openModelHost(...files: readonly [TestFile, ...TestFile[]]): Promise<ModelHost> {
  const ranges: (string | null)[] = [];
  const acts: ("cut" | "stall")[] = [];
  const busy = new Set<string>();

  const bytesOf = (name: string) => (files.length === 1 ? files[0] : files.find((file) => file.name === name))?.bytes;

  function sendFile({ headers }: IncomingMessage, response: ServerResponse, name: string, shared: object): void {
    const bytes = bytesOf(name);
    if (bytes === undefined) return void response.writeHead(404, SHARED).end();
    ranges.push(headers.range ?? null);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    const rest = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      ...shared,
      "Content-Type": "application/octet-stream",
      "Content-Length": rest.byteLength,
      "Last-Modified": "Mon, 03 Nov 2025 10:00:00 GMT",
      ETag: `"${name}-${bytes.byteLength}"`,
    });
    send(response, rest, acts.shift());
  }

  /** The origin that redirects lead to. */
  const store = await listen((request, response) => {
    const [, folder, name = ""] = (request.url ?? "").split("/");
    sendFile(request, response, name, folder === "file" ? SHARED : {});
  });

  const folders: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse, name: string) => void>> = {
    file: (request, response, name) => sendFile(request, response, name, SHARED),
    unshared: (request, response, name) => sendFile(request, response, name, {}),
    page: (_, response) => void response.writeHead(200, { ...SHARED, "Content-Type": "text/html" }).end("<!DOCTYPE html>"),
    moved: (_, response, name) => void response.writeHead(302, { ...SHARED, Location: `${store.url}file/${name}` }).end(),
    lost: (_, response, name) => void response.writeHead(302, { ...SHARED, Location: `${store.url}lost/${name}` }).end(),
    gated: (request, response, name) => {
      if (request.headers.authorization === `Bearer ${TOKEN}`) sendFile(request, response, name, SHARED);
      else response.writeHead(401, SHARED).end();
    },
    closed: (_, response) => void response.writeHead(403, SHARED).end(),
    busy: (request, response, name) => {
      if (busy.has(name)) return sendFile(request, response, name, SHARED);
      busy.add(name);
      response.writeHead(429, { ...SHARED, "Retry-After": "1" }).end();
    },
    shut: (_, response) => void response.writeHead(429, { ...SHARED, "Retry-After": "600" }).end(),
  };

  const host = await listen((request, response) => {
    const [, folder = "", name = ""] = (request.url ?? "").split("/");
    // Only an access token makes the browser ask beforehand; requests without one must need no preflight.
    const preflight = request.method === "OPTIONS" && (folder === "gated" || folder === "closed");
    if (preflight)
      return void response.writeHead(204, { ...SHARED, "Access-Control-Allow-Headers": "authorization, range" }).end();
    if (request.method !== "GET") return void response.writeHead(405).end();
    const serve = folders[folder];
    if (serve === undefined) response.writeHead(404, SHARED).end();
    else serve(request, response, name);
  });
  return {
    url: host.url,
    ranges,
    halfWay: (...next) => void acts.push(...next),
    close: () => {
      for (const { server } of [host, store]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

function send(response: ServerResponse, bytes: Uint8Array, act: "cut" | "stall" | undefined): void {
  if (act === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, bytes.byteLength >> 1), () => {
    // This lets the first half arrive before the connection breaks.
    if (act === "cut") setTimeout(() => response.destroy(), 300);
  });
}
