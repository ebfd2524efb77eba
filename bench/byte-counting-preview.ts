/** Builds the page and serves it with Vite's preview, which compresses text but no wasm, and counts the bytes that it sends. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, preview } from "vite";

/** One response with a body. Answers from the browser's cache, and 304, do not count. */
export interface Sent {
  /** Path below the page's own folder; "index.html" for the page. */
  readonly path: string;
  /** Head and body as sent. */
  readonly bytes: number;
  /** True if the service worker asked for it, to keep it for visits without a network. */
  readonly forOffline: boolean;
}

export interface CountedPreview {
  readonly url: string;
  readonly sent: readonly Sent[];
  /** Size of a file, plain and as a host that compresses everything would send it. */
  fileBytes(path: string): { readonly plain: number; readonly gzipped: number };
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
        name: "count-sent-bytes",
        configurePreviewServer: ({ middlewares }) => {
          middlewares.use(({ url = "/", headers: { referer = "" } }, response, next) => {
            const path = new URL(url, "http://host").pathname.slice(1) || "index.html";
            const { socket } = response;
            const before = socket?.bytesWritten ?? 0;
            response.on("finish", () => {
              const bytes = (socket?.bytesWritten ?? 0) - before;
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
    fileBytes: (path) => {
      const file = readFileSync(join(outDir, path));
      return { plain: file.length, gzipped: gzipSync(file, { level: 9 }).length };
    },
    close: async () => {
      await server.close();
      rmSync(outDir, { recursive: true });
    },
  };
}
