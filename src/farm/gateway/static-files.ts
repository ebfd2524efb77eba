/** The built studio. Its files are listed once, so that a request can only choose among them and never names a path. */

import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream";
import { ISOLATION_HEADERS } from "../../../workers/isolation.ts";
import { SAFE_HEADERS } from "./exchange.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json; charset=utf-8",
  webmanifest: "application/manifest+json",
  wasm: "application/wasm",
  svg: "image/svg+xml",
  png: "image/png",
  webp: "image/webp",
  txt: "text/plain; charset=utf-8",
  md: "text/plain; charset=utf-8",
};

interface StaticFile {
  readonly path: string;
  readonly bytes: number;
  readonly type: string;
  readonly tag: string;
  /** Its name contains a hash of its contents. */
  readonly lasting: boolean;
}

export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /** @param folder of the built page; nothing is served when there is none */
  static async list(folder: string): Promise<StaticFiles> {
    const files = new Map<string, StaticFile>();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const { size: bytes, mtimeMs } = await stat(path);
      const url = `/${relative(folder, path).split(sep).join("/")}`;
      const type = TYPES[/\.(\w+)$/.exec(url)?.[1] ?? ""] ?? "application/octet-stream";
      const file = { path, bytes, type, tag: `"${bytes}-${Math.round(mtimeMs)}"`, lasting: url.startsWith("/assets/") };
      files.set(url, file);
      if (url === "/index.html") files.set("/", file);
    }
    return new StaticFiles(files);
  }

  get size(): number {
    return this.#files.size;
  }

  /** @returns whether there is such a file */
  serve(pathname: string, request: IncomingMessage, response: ServerResponse): boolean {
    const file = this.#files.get(pathname);
    if (file === undefined) return false;
    const headers = {
      ...SAFE_HEADERS,
      ...ISOLATION_HEADERS,
      "Cross-Origin-Resource-Policy": "same-origin",
      ETag: file.tag,
      "Cache-Control": file.lasting ? "public, max-age=31536000, immutable" : "no-cache",
    };
    if (request.headers["if-none-match"] === file.tag) {
      response.writeHead(304, headers).end();
      return true;
    }
    response.writeHead(200, { ...headers, "Content-Type": file.type, "Content-Length": file.bytes });
    if (request.method === "HEAD") response.end();
    // A client that goes away in between is none of our business.
    else pipeline(createReadStream(file.path), response, () => undefined);
    return true;
  }
}
