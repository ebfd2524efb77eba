/** Vite plugin: lists the files under public/ that the engine fetches, with size and hash, as `shipped.json`. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

const FOLDERS = ["models", "tokenizer"];
const MANIFEST = "shipped.json";

export function shippedFiles(): Plugin {
  let publicDir = "";
  return {
    name: "shipped-files",
    configResolved: (config) => {
      publicDir = config.publicDir;
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: MANIFEST, source: manifest(publicDir) });
    },
    configureServer: (server) => {
      server.middlewares.use(`/${MANIFEST}`, (_request, response) => {
        response.setHeader("Content-Type", "application/json");
        response.end(manifest(publicDir));
      });
    },
  };
}

function manifest(publicDir: string): string {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(publicDir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => {
        const bytes = readFileSync(path);
        // A gzip file ends with the length of its contents (RFC 1952, ISIZE).
        const plainBytes = path.endsWith(".gz") ? bytes.readUInt32LE(bytes.length - 4) : bytes.length;
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        return { path: relative(publicDir, path).replaceAll("\\", "/"), bytes: bytes.length, plainBytes, sha256 };
      }),
  );
  return JSON.stringify({ files });
}
