/** The built page, served, in a real Chromium. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright";
import { build, preview } from "vite";
import { findProgram } from "../e2e/find-program.ts";

export interface ServedStudio {
  readonly browser: Browser;
  /** A visitor of its own, with an empty cache, whose engine takes so many threads. */
  visitor(threads: number, options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** Builds and serves the page for as long as `use` runs. */
export async function withServedStudio(port: number, use: (studio: ServedStudio) => Promise<void>): Promise<void> {
  const executablePath = findProgram("chromium");
  if (executablePath === null) throw new Error("No Chromium found: set PLAYWRIGHT_CHROMIUM to its path.");
  const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
  await build({ logLevel: "error", build: { outDir } });
  const server = await preview({ logLevel: "error", build: { outDir }, preview: { port, strictPort: true } });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    await use({ browser, visitor: (threads, options) => visitor(browser, port, threads, options) });
  } finally {
    await browser.close();
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

async function visitor(
  browser: Browser,
  port: number,
  threads: number,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: `http://localhost:${port}/`, ...options });
  // The engine chooses its threads by this property, so this imitates a machine with as many cores.
  await context.route(/\/inference\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const cores = `Object.defineProperty(navigator, "hardwareConcurrency", { value: ${threads} });\n`;
    await route.fulfill({ response, body: cores + (await response.text()) });
  });
  return context;
}
