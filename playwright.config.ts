/** Browser tests: the built page (`npm run build` comes first) and the engine's harness, in an installed Chromium. */

import { defineConfig } from "@playwright/test";
import { HARNESS_URL, PAGE_URL } from "./e2e/addresses.ts";
import { findProgram } from "./e2e/find-program.ts";

const chromium = findProgram("chromium");
if (chromium === null) {
  throw new Error("No Chromium found: install it (Debian: apt-get install chromium), or set PLAYWRIGHT_CHROMIUM to its path.");
}

const port = (url: string) => new URL(url).port;

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  // What takes minutes and rarely breaks: `npm run e2e:slow`.
  testIgnore: process.env.E2E_SLOW === undefined ? "slow/**" : [],
  outputDir: "test-results",
  // One browser at a time: the engine wants every core.
  workers: 1,
  timeout: 300_000,
  // On a machine under load a browser can starve; what passes only at the second try is listed as flaky, and wants mending.
  retries: 1,
  forbidOnly: process.env.CI !== undefined,
  reporter: "list",
  use: {
    baseURL: PAGE_URL,
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--enable-unsafe-webgpu",
        "--use-fake-device-for-media-stream",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: [
    {
      command: `npx vite preview --host 127.0.0.1 --port ${port(PAGE_URL)} --strictPort`,
      url: PAGE_URL,
      reuseExistingServer: false,
    },
    {
      command: `npx vite build --logLevel warn -c e2e/harness/vite.config.ts && npx vite preview -c e2e/harness/vite.config.ts --port ${port(HARNESS_URL)} --strictPort`,
      url: HARNESS_URL,
      reuseExistingServer: false,
    },
  ],
});
