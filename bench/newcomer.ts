/**
 * Plays somebody who has never been here: opens the studio with an empty cache, presses Generate, and when the clip is done
 * Export GIF, without scrolling. Measures the seconds to the clip and to the kept file, in a real Chromium on WebAssembly with
 * two threads. It builds and serves the page and prints Markdown:
 *   npx tsx bench/newcomer.ts [--rounds 3] [--threads 2]
 */

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright";
import { build, preview } from "vite";
import { findProgram } from "../e2e/find-program.ts";
import { recordEngineLog } from "../e2e/testing/engine-log.ts";
import { median } from "./open-graph.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, threads: { type: "string", default: "2" } },
});
const PORT = 4692;
const TIMEOUT_MS = 300_000;

/** Seconds since the page was opened. */
interface Visit {
  readonly clip: number;
  readonly kept: number;
  readonly presses: number;
  readonly scrolled: boolean;
  readonly bytes: number;
}

const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
await build({ logLevel: "error", build: { outDir } });
const server = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
const executablePath = findProgram("chromium");
if (executablePath === null) throw new Error("No Chromium found: set PLAYWRIGHT_CHROMIUM to its path.");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const visits: Visit[] = [];
  for (let i = 0; i < Number(values.rounds); i++) visits.push(await visit(browser));
  console.log("| presses | clip s | kept GIF s | kB | scrolled |\n|---|---|---|---|---|");
  const of = (pick: (visit: Visit) => number) => median(visits.map(pick));
  const scrolled = visits.some((visit) => visit.scrolled) ? "yes" : "no";
  console.log(
    `| ${of(({ presses }) => presses)} | ${of(({ clip }) => clip).toFixed(1)} | ${of(({ kept }) => kept).toFixed(1)} | ${(of(({ bytes }) => bytes) / 1000).toFixed(0)} | ${scrolled} |`,
  );
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true });
}

async function visit(browser: Browser): Promise<Visit> {
  const context = await browser.newContext({ baseURL: `http://localhost:${PORT}/`, viewport: { width: 1280, height: 800 } });
  // The engine chooses its threads by this property, so this imitates a machine with as many cores.
  await context.route(/\/inference\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const cores = `Object.defineProperty(navigator, "hardwareConcurrency", { value: ${Number(values.threads)} });\n`;
    await route.fulfill({ response, body: cores + (await response.text()) });
  });
  const page = await context.newPage();
  await recordEngineLog(page);
  await page.addInitScript(() =>
    addEventListener("scroll", () => document.documentElement.setAttribute("data-scrolled", ""), true),
  );
  await page.goto("./");
  const since = () => page.evaluate(() => performance.now() / 1000);
  let presses = 0;
  const press = async (name: string) => {
    presses++;
    await page.getByRole("button", { name, exact: true }).click();
  };

  await press("Generate");
  await page.waitForFunction(() => ["done", "failed"].includes(window.engineLog.events.at(-1)?.type ?? ""), undefined, {
    timeout: TIMEOUT_MS,
    polling: 100,
  });
  const clip = await since();
  const download = page.waitForEvent("download");
  await press("Export GIF");
  const { size: bytes } = statSync(await (await download).path());
  const kept = await since();
  const scrolled = await page.evaluate(() => document.documentElement.hasAttribute("data-scrolled"));
  await context.close();
  return { clip, kept, presses, scrolled, bytes };
}
