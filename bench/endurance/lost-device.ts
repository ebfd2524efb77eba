/**
 * Crashes the graphics card in one stage after the other, as a driver's crash would, and reports the page's message.
 * Each animation after a loss is the one that the next loss interrupts; the last one runs to its end. It makes a still
 * picture in one step without guidance, because one UNet call takes up to a minute on Chromium's software renderer.
 */

import type { BrowserContext } from "playwright";
import type { Phase } from "../../src/protocol/render.ts";
import { megabytes, row, Tab, unfinished } from "./tab.ts";

export function lostDevice(phases: readonly Phase[]) {
  return async (context: BrowserContext, profile: string): Promise<void> => {
    const tab = await Tab.openOnGpu(context, profile);
    row("lost while", "on", "the page says", "private file system before / after, MB", "unfinished");
    row(...Array<string>(5).fill("---"));
    for (const phase of phases) await lose(tab, phase);
    const device = await tab.device();
    await tab.begin();
    const { end } = await tab.ended();
    row("not lost", device, `${end.type} ${await tab.readMessages()}`, megabytes(await tab.storedFiles()), "");
    await tab.close();
  };
}

async function lose(tab: Tab, phase: Phase): Promise<void> {
  const before = await tab.storedFiles();
  const device = await tab.device();
  await tab.begin();
  await tab.reached(phase);
  await crashGpu(tab.page.context());
  const { end } = await tab.ended();
  // The page starts another engine after the loss.
  await tab.started();
  const after = await tab.storedFiles();
  row(phase, device, `${end.type}: ${await tab.readMessages()}`, `${megabytes(before)} / ${megabytes(after)}`, unfinished(after));
}

/** Crashes the browser's GPU process, and waits until the browser has replaced it. */
async function crashGpu(context: BrowserContext): Promise<void> {
  const devtools = await context.browser()!.newBrowserCDPSession();
  const processes = async () => {
    const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
    return processInfo.filter(({ type }) => type === "GPU").map(({ id }) => id);
  };
  const before = await processes();
  await devtools.send("Browser.crashGpuProcess");
  const deadline = performance.now() + 10_000;
  while ((await processes()).some((id) => before.includes(id))) {
    if (performance.now() > deadline) throw new Error("the browser's GPU process did not end");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await devtools.detach();
}
