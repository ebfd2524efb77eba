import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** WASM threads need cross-origin isolation. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  plugins: [react()],
  base: "./",
  worker: { format: "es" },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { target: "es2023" },
  test: { include: ["src/**/*.test.ts", "workers/**/*.test.ts"], testTimeout: 60_000 },
});
