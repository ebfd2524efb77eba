/**
 * Plays somebody who has never been here: opens the studio with an empty cache, presses Generate, and when the clip is done
 * Export GIF, without scrolling. Measures the seconds to the clip and to the kept file, in a real Chromium on WebAssembly with
 * two threads. It builds and serves the page and prints Markdown:
 *   npx tsx bench/newcomer.ts [--rounds 3] [--threads 2]
 */

import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { recordEngineLog } from "../e2e/testing/engine-log.ts";
import { median } from "./open-graph.ts";
import { type ServedStudio, withServedStudio } from "./served-studio.ts";

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

await withServedStudio(PORT, async (studio) => {
  const visits: Visit[] = [];
  for (let i = 0; i < Number(values.rounds); i++) visits.push(await visit(studio));
  console.log("| presses | clip s | kept GIF s | kB | scrolled |\n|---|---|---|---|---|");
  const of = (pick: (visit: Visit) => number) => median(visits.map(pick));
  const scrolled = visits.some((visit) => visit.scrolled) ? "yes" : "no";
  console.log(
    `| ${of(({ presses }) => presses)} | ${of(({ clip }) => clip).toFixed(1)} | ${of(({ kept }) => kept).toFixed(1)} | ${(of(({ bytes }) => bytes) / 1000).toFixed(0)} | ${scrolled} |`,
  );
});

async function visit(studio: ServedStudio): Promise<Visit> {
  const context = await studio.visitor(Number(values.threads), { viewport: { width: 1280, height: 800 } });
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
