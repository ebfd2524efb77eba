/** Makes short animations in a row on Chromium's software renderer and counts the card's buffers, which must not grow. */

import type { BrowserContext } from "playwright";
import { gpuBuffers } from "../gpu-buffers.ts";
import { row, Tab } from "./tab.ts";

const ANIMATIONS = 5;

export async function gpuLevel(context: BrowserContext, profile: string): Promise<void> {
  const tab = await Tab.openOnGpu(context, profile);
  row("animations", "buffers", "MB held", "MB at the peak");
  row(...Array<string>(4).fill("---"));
  for (let made = 1; made <= ANIMATIONS; made++) {
    await gpuBuffers(tab.page);
    await tab.generate();
    const { count, bytes, peakBytes } = await gpuBuffers(tab.page);
    row(made, count, (bytes / 1e6).toFixed(2), (peakBytes / 1e6).toFixed(2));
  }
  await tab.close();
}
