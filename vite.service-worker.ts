/**
 * Vite plugin: builds workers/service.worker.ts to `service-worker.js`, with the list of the page's files. The script contains
 * the list, so that a browser notices a new version because the script has changed.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build, type Plugin } from "vite";

/** Files under public/ that belong to the page itself. */
const PUBLIC_FILES = [
  "icons/zoetrope-192.png",
  "icons/zoetrope-512.png",
  "icons/zoetrope-maskable-512.png",
  "icons/zoetrope.svg",
  "manifest.webmanifest",
  "theme.js",
];

/** The service worker caches onnxruntime's builds only when they are used, because each has 14 MB or more. */
const ENGINE_FILE = /^assets\/ort-wasm-.*\.(wasm|mjs)$/;
/** The names of files under assets/ contain a hash of the contents. */
const HASHED = /^assets\//;

export function serviceWorker(): Plugin {
  let root = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved: (config) => {
      root = config.root;
    },
    async writeBundle({ dir }, bundle) {
      if (dir === undefined || !existsSync(join(dir, "index.html"))) return;
      const names = Object.keys(bundle);
      const pageFiles = [...names.filter((name) => !ENGINE_FILE.test(name)), ...PUBLIC_FILES, ...examples(dir)].sort();
      const precache = pageFiles.map((url) => ({ url, revision: HASHED.test(url) ? null : revisionOf(join(dir, url)) }));
      await build({
        root,
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: {
          PAGE_FILES: JSON.stringify(precache),
          ENGINE_FILES: JSON.stringify(names.filter((name) => ENGINE_FILE.test(name))),
          "process.env.NODE_ENV": '"production"',
        },
        build: {
          target: "es2022",
          outDir: dir,
          emptyOutDir: false,
          copyPublicDir: false,
          rolldownOptions: {
            input: join(root, "workers/service.worker.ts"),
            output: { format: "iife", entryFileNames: "service-worker.js" },
          },
        },
      });
    },
  };
}

/** The clips on the wall, which also stand for the LoRAs that they were made with: half a megabyte. */
function examples(dir: string): string[] {
  const files = readdirSync(join(dir, "examples"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(dir, join(parentPath, name)).split(sep).join("/"));
}

function revisionOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
}
