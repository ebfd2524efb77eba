/** Makes many short animations in a row and compares the tab's memory with that after the first ones. */

import type { BrowserContext } from "playwright";
import { tabBytes } from "../tab-process.ts";
import { heapBytesByKind } from "./heap.ts";
import { megabytes, row, Tab } from "./tab.ts";

export async function repeatedAnimations(context: BrowserContext, profile: string, animations: number): Promise<void> {
  const tab = await Tab.open(context, profile);
  await tab.addKit();
  await tab.chooseKit();
  row("animations", "page's JS MB", "workers' JS MB", "tab's RSS MB", "private file system MB", "history MB");
  row(...Array<string>(6).fill("---"));
  const marks = new Set([1, 2, 10, ...[1, 2, 3, 4].map((quarter) => Math.round((quarter * animations) / 4))]);
  const first = { heap: new Map<string, number>() };
  for (let made = 1; made <= animations; made++) {
    await tab.generate();
    if (marks.has(made)) row(made, ...(await memoryCells(tab, profile)));
    if (made === 2) first.heap = await heapBytesByKind(tab.page);
  }
  const last = await heapBytesByKind(tab.page);
  const grown = [...last]
    .map(([kind, bytes]) => ({ kind, bytes, more: bytes - (first.heap.get(kind) ?? 0) }))
    .sort((a, b) => b.more - a.more);
  console.log(`\nThe page's heap grew most in these kinds between 2 and ${animations} animations, MB:\n`);
  row("", "after 2", `after ${animations}`);
  row("---", "---", "---");
  for (const { kind, bytes, more } of grown.slice(0, 8)) row(kind, mb(bytes - more), mb(bytes));
  await tab.close();
}

/** The tab's memory after a garbage collection, in the columns of the table. */
async function memoryCells(tab: Tab, profile: string): Promise<string[]> {
  const devtools = await tab.page.context().newCDPSession(tab.page);
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.detach();
  const measured = await tab.page.evaluate(async () => {
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
  const { page, workers, history } = measured;
  return [mb(page), mb(workers), mb(tabBytes(profile)), megabytes(await tab.storedFiles()), mb(history)];
}

interface MemoryMeasurement {
  readonly breakdown: readonly {
    readonly bytes: number;
    readonly types: readonly string[];
    readonly attribution: readonly { readonly scope: string }[];
  }[];
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
