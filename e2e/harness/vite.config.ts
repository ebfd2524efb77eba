/**
 * Builds and serves the harness, which is not part of the product: a page and worker that run the engine for tests, and
 * the kit below /kit/.
 */

import { createReadStream, existsSync } from "node:fs";
import { join, normalize, resolve } from "node:path";
import { createGunzip } from "node:zlib";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

const here = import.meta.dirname;
const kit = resolve(process.env.ZOETROPE_KIT ?? join(here, "../parity/kit"));

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Serves PATH, or PATH.gz decompressed, from the kit's folder. */
function serveKit(): Plugin {
  return {
    name: "parity-kit",
    configurePreviewServer({ middlewares }) {
      middlewares.use("/kit/", (request, response) => {
        const path = join(kit, normalize(decodeURIComponent(new URL(request.url ?? "/", "http://kit").pathname)));
        response.setHeader("Content-Type", "application/octet-stream");
        if (existsSync(path)) createReadStream(path).pipe(response);
        else if (existsSync(`${path}.gz`)) createReadStream(`${path}.gz`).pipe(createGunzip()).pipe(response);
        else response.writeHead(404).end();
      });
    },
  };
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: resolve(here, "../../public"),
  plugins: [serveKit()],
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  worker: { format: "es" },
  build: { outDir: resolve(here, "../../.cache/harness"), emptyOutDir: true, target: "es2023" },
  preview: { headers: isolation, host: "127.0.0.1" },
});
