/**
 * The graphics card is lost in one stage after the other, as after a driver's crash: what is said, and whether the next animation is
 * made. Each animation after a loss is the one that the next loss strikes; the last is made to its end. On Chromium's software
 * renderer one UNet call takes up to a minute, so it is a still picture in one step without guidance.
 */

import type { BrowserContext } from "playwright";
import type { Phase } from "../../src/protocol/render.ts";
import { leftHalf, megabytes, row, Tab } from "./tab.ts";

export function lostDevice(phases: readonly Phase[]) {
  return async (context: BrowserContext, profile: string): Promise<void> => {
    const tab = await Tab.openOnGpu(context, profile);
    row("lost while", "on", "what the person is told", "private file system before / after, MB", "left half");
    row(...Array<string>(5).fill("---"));
    for (const phase of phases) await lose(tab, phase);
    const device = await tab.device();
    await tab.begin();
    const { end } = await tab.ended();
    row("not lost", device, `${end.type} ${await tab.told()}`, megabytes(await tab.storedFiles()), "");
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
  // By now the engine runs again.
  await tab.started();
  const after = await tab.storedFiles();
  row(phase, device, `${end.type}: ${await tab.told()}`, `${megabytes(before)} / ${megabytes(after)}`, leftHalf(after));
}

/** The process that all of the browser's graphics run in; the browser starts another. */
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
    if (performance.now() > deadline) throw new Error("the browser's GPU process lives on");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await devtools.detach();
}
