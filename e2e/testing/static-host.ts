/** A host of static files, as many free ones are; a test can release a new version on it, and sees what it sends. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

export interface StaticHost {
  readonly url: string;
  /** Paths of files that were sent, once for each time; an answer that nothing has changed does not count. */
  readonly sent: readonly string[];
  /** Serves another version of the page's service worker from now on. */
  publish(): void;
  close(): void;
}

/** @param own headers of every answer; without those of cross-origin isolation the service worker adds them */
export async function openStaticHost(own: Readonly<Record<string, string>> = {}): Promise<StaticHost> {
  let version = 1;
  const sent: string[] = [];
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const name = path.endsWith("/") ? `${path}index.html` : path;
    try {
      let body: Uint8Array = readFileSync(join(FOLDER, name));
      if (name === "/service-worker.js") body = Buffer.concat([body, Buffer.from(`\n// version ${version}`)]);
      const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
      const headers = {
        ...own,
        "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
        "Cache-Control": "no-cache",
        ETag: etag,
      };
      if (request.headers["if-none-match"] === etag) response.writeHead(304, headers).end();
      else {
        sent.push(name);
        response.writeHead(200, headers).end(body);
      }
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sent,
    publish: () => {
      version++;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
