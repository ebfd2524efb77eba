/**
 * Many short animations in a row with a tiny family in Chromium: what the tab holds afterwards, against what it held after the
 * first. Then the tab is killed in every stage and opened anew: whether what was there is still there, and nothing half is left.
 * Linux, on the processor:
 *   npx tsx bench/endurance.ts [--animations 200] [--only repeat,kill]
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright";
import { build, preview } from "vite";
import { findChromium } from "../e2e/find-chromium.ts";
import { clearEngineLog, keepEngineLog } from "../e2e/testing/engine-log.ts";
import { kitFile } from "../e2e/testing/model-files.ts";
import type { Phase } from "../src/protocol/render.ts";
import { tabBytes } from "./tab-memory.ts";

const { values } = parseArgs({
  options: { animations: { type: "string", default: "200" }, only: { type: "string", default: "repeat,kill" } },
});
const KIT = ["tiny-sd15", "motion-v3"];
const PORT = 4691;
const TIMEOUT_MS = 240_000;
const ENDS = ["done", "cancelled", "failed"];

const outDir = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
const profile = mkdtempSync(join(tmpdir(), "zoetrope-profile-"));
const kit = KIT.map((name) => {
  const path = join(profile, `${name}.safetensors`);
  writeFileSync(path, kitFile(name).bytes);
  return path;
});
await build({ logLevel: "error", build: { outDir } });
const server = await preview({ logLevel: "error", build: { outDir }, preview: { port: PORT, strictPort: true } });
const context = await chromium.launchPersistentContext(join(profile, "chromium"), {
  executablePath: findChromium()!,
  // Without the flag the browser puts measuring its memory off for up to a minute.
  args: ["--no-sandbox", "--enable-blink-features=ForceEagerMeasureMemory"],
  baseURL: `http://localhost:${PORT}/`,
});
try {
  if (values.only.includes("repeat")) await repeat(await openTab(context), Number(values.animations));
  if (values.only.includes("kill")) await kills(context);
} finally {
  await context.close();
  await server.close();
  rmSync(outDir, { recursive: true });
  rmSync(profile, { recursive: true });
}

async function repeat(page: Page, animations: number): Promise<void> {
  await addKit(page);
  await chooseKit(page);
  console.log("| animations | page's JS MB | workers' JS MB | tab's RSS MB | private file system MB | history MB |");
  console.log("|---|---|---|---|---|---|");
  const marks = new Set([1, 2, 10, ...[1, 2, 3, 4].map((quarter) => Math.round((quarter * animations) / 4))]);
  for (let made = 1; made <= animations; made++) {
    await generate(page);
    if (marks.has(made)) console.log(`| ${[made, ...(await held(page))].join(" | ")} |`);
  }
  await page.close();
}

/** What a tab holds after a garbage collection, in the columns of the table. */
async function held(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.detach();
  const measured = await page.evaluate(async () => {
    const { breakdown } = await (
      performance as unknown as { measureUserAgentSpecificMemory(): Promise<MemoryMeasurement> }
    ).measureUserAgentSpecificMemory();
    const scripts = breakdown.filter(({ types }) => types.includes("JavaScript"));
    const of = (scope: string) =>
      scripts.filter(({ attribution }) => attribution[0]?.scope === scope).reduce((sum, { bytes }) => sum + bytes, 0);
    const { usageDetails } = (await navigator.storage.estimate()) as { usageDetails?: Record<string, number> };
    return {
      page: of("Window"),
      workers: of("DedicatedWorkerGlobalScope"),
      history: usageDetails?.indexedDB ?? 0,
    };
  });
  const bytes = [measured.page, measured.workers, tabBytes(profile), sum(await storedFiles(page)), measured.history];
  return bytes.map((each) => (each / 1e6).toFixed(1));
}

interface MemoryMeasurement {
  readonly breakdown: readonly {
    readonly bytes: number;
    readonly types: readonly string[];
    readonly attribution: readonly { readonly scope: string }[];
  }[];
}

type Stage = "reading" | "converting" | Phase;

async function kills(context: BrowserContext): Promise<void> {
  console.log("\n| killed while | models before / after | files before / after, MB | left half | next animation |");
  console.log("|---|---|---|---|---|");
  for (const stage of ["reading", "converting", "load", "denoise", "decode"] as const) await kill(context, stage);
}

async function kill(context: BrowserContext, stage: Stage): Promise<void> {
  const page = await openTab(context);
  const importing = stage === "reading" || stage === "converting";
  const there = await models(page);
  if (importing) await removeKit(page, there);
  else if (!isWhole(there)) await addKit(page);
  const before = { models: await models(page), files: await storedFiles(page) };
  if (importing) await beginAdding(page);
  else {
    await chooseKit(page);
    await clearEngineLog(page);
    await page.getByRole("button", { name: "Generate", exact: true }).click();
  }
  await reached(page, stage);
  await crash(page);

  const next = await openTab(context);
  const after = { models: await models(next), files: await storedFiles(next) };
  if (isWhole(after.models)) await chooseKit(next);
  await generate(next);
  const half = [...after.files.keys()].filter((name) => name.endsWith(".part"));
  const cells = [
    stage,
    `${before.models.length} / ${after.models.length}`,
    `${(sum(before.files) / 1e6).toFixed(1)} / ${(sum(after.files) / 1e6).toFixed(1)}`,
    half.length === 0 ? "nothing" : half.join(", "),
    "done",
  ];
  console.log(`| ${cells.join(" | ")} |`);
  await next.close();
}

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  const devtools = await page.context().newCDPSession(page);
  // It never answers: the process is gone.
  devtools.send("Page.crash").catch(() => undefined);
  await crashed;
  await page.close();
}

async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  // tsx names functions by this; those that run in the page have none of it.
  await page.addInitScript("globalThis.__name = (named) => named");
  await keepEngineLog(page);
  await page.goto("./");
  await page.getByRole("button", { name: /^(Processor|GPU)/ }).waitFor({ timeout: TIMEOUT_MS });
  await page.getByRole("combobox", { name: "Checkpoint" }).locator("option", { hasText: "Mini" }).waitFor({ state: "attached" });
  return page;
}

async function beginAdding(page: Page): Promise<void> {
  await page.locator("input[type=file]").setInputFiles(kit);
  await page.getByRole("dialog").getByRole("button", { name: /^Add/ }).click({ timeout: TIMEOUT_MS });
}

async function addKit(page: Page): Promise<void> {
  await beginAdding(page);
  await page.getByRole("dialog").waitFor({ state: "hidden", timeout: TIMEOUT_MS });
}

/** A tab that was killed while it added the kit may have kept the first of the two. */
function isWhole(models: readonly string[]): boolean {
  return KIT.every((name) => models.includes(name));
}

async function removeKit(page: Page, there: readonly string[]): Promise<void> {
  for (const name of KIT.filter((name) => there.includes(name))) {
    await page.getByRole("button", { name: `Remove ${name}`, exact: true }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: `Remove ${name}`, exact: true }).waitFor({ state: "hidden", timeout: TIMEOUT_MS });
  }
}

async function chooseKit(page: Page): Promise<void> {
  await page.getByRole("combobox", { name: "Checkpoint", exact: true }).selectOption({ label: "tiny-sd15" });
  await page.getByRole("combobox", { name: "Motion", exact: true }).selectOption({ label: "motion-v3" });
  const fields = { Width: "64", Height: "64", Frames: "4", Steps: "2" };
  for (const [field, value] of Object.entries(fields))
    await page.getByRole("spinbutton", { name: field, exact: true }).fill(value);
}

async function generate(page: Page): Promise<void> {
  await clearEngineLog(page);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await page.waitForFunction((ends) => ends.includes(window.engineLog.events.at(-1)?.type ?? ""), ENDS, {
    timeout: TIMEOUT_MS,
    polling: 20,
  });
  const last = await page.evaluate(() => window.engineLog.events.at(-1)!);
  if (last.type !== "done") throw new Error(`an animation ended with ${JSON.stringify(last)}`);
}

async function reached(page: Page, stage: Stage): Promise<void> {
  if (stage === "reading" || stage === "converting") {
    const word = stage === "reading" ? "Reading" : "Converting";
    await page.waitForFunction(
      (word) => document.querySelector("[role=progressbar]")?.getAttribute("aria-valuetext")?.startsWith(word) ?? false,
      word,
      { timeout: TIMEOUT_MS, polling: "raf" },
    );
    return;
  }
  await page.waitForFunction(
    (phase) => window.engineLog.events.some((event) => event.type === "phase" && event.phase === phase),
    stage,
    { timeout: TIMEOUT_MS, polling: "raf" },
  );
}

function models(page: Page): Promise<string[]> {
  return page.getByRole("region", { name: "Shelf", exact: true }).locator("option").allInnerTexts();
}

/** Files of the private file system and their bytes. */
async function storedFiles(page: Page): Promise<Map<string, number>> {
  const entries = await page.evaluate(async () => {
    const below = async (folder: FileSystemDirectoryHandle, path: string): Promise<[string, number][]> => {
      const found: [string, number][] = [];
      for await (const [name, handle] of folder.entries()) {
        const at = `${path}/${name}`;
        if (handle.kind === "directory") found.push(...(await below(handle as FileSystemDirectoryHandle, at)));
        else found.push([at, (await (handle as FileSystemFileHandle).getFile()).size]);
      }
      return found;
    };
    return below(await navigator.storage.getDirectory(), "");
  });
  return new Map(entries);
}

function sum(files: ReadonlyMap<string, number>): number {
  return [...files.values()].reduce((a, b) => a + b, 0);
}
