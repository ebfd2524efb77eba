import react from "@vitejs/plugin-react";
import { defaultClientConditions, type Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./vite.service-worker.ts";
import { shippedFiles } from "./vite.shipped-files.ts";
import { ISOLATION_HEADERS } from "./workers/isolation.ts";

/** The development server injects inline scripts, which the page's Content-Security-Policy forbids; builds keep it. */
const noPolicyInDevelopment: Plugin = {
  name: "no-policy-in-development",
  apply: "serve",
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

export default defineConfig({
  plugins: [react(), shippedFiles(), serviceWorker(), noPolicyInDevelopment],
  base: "./",
  // Keeps onnxruntime's wasm and thread script as separate files (src/runtime/web/device/ort-module.ts).
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  worker: { format: "es" },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: ISOLATION_HEADERS },
  build: {
    target: "es2023",
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // One file of all that the page starts with; else modules that late parts share with it would be many small files.
            { name: "page", test: /\/src\/studio\/main\.tsx$/, priority: 1 },
            { name: "shared", test: /\/src\/(core|jobs|storage|studio)\//, minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: { include: ["src/**/*.test.ts", "workers/**/*.test.ts"], testTimeout: 60_000 },
});
