/** The built page on this machine, served by Vite's preview (uncompressed), which counts what it sends. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, preview } from "vite";

/** One answer with a body; what the browser already had (304, its own cache) is none. */
export interface Sent {
  /** Path below the page's own folder; "index.html" for the page. */
  readonly path: string;
  readonly bytes: number;
  /** Whether the service worker asked for it, to keep it for visits without a network. */
  readonly forOffline: boolean;
}

export interface CountedPreview {
  readonly url: string;
  readonly sent: readonly Sent[];
  /** Bytes of a file as a host that compresses would send it. */
  gzippedBytes(path: string): number;
  close(): Promise<void>;
}

export async function openCountedPreview(port: number): Promise<CountedPreview> {
  const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
  const sent: Sent[] = [];
  await build({ logLevel: "error", build: { outDir } });
  const server = await preview({
    logLevel: "error",
    build: { outDir },
    preview: { port, strictPort: true },
    plugins: [
      {
        name: "counts-what-is-sent",
        configurePreviewServer: ({ middlewares }) => {
          middlewares.use(({ url = "/", headers: { referer = "" } }, response, next) => {
            const path = new URL(url, "http://host").pathname.slice(1) || "index.html";
            response.on("finish", () => {
              const bytes = Number(response.getHeader("content-length") ?? 0);
              if (response.statusCode === 200) sent.push({ path, bytes, forOffline: referer.endsWith("/service-worker.js") });
            });
            next();
          });
        },
      },
    ],
  });
  return {
    url: `http://localhost:${port}/`,
    sent,
    gzippedBytes: (path) => gzipSync(readFileSync(join(outDir, path)), { level: 9 }).length,
    close: async () => {
      await server.close();
      rmSync(outDir, { recursive: true });
    },
  };
}
