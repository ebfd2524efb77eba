/**
 * Makes Chromium's software renderer refuse one buffer, first of the weights, then of a step's tensors, and reports the
 * page's message and the device of the next animation.
 */

import type { BrowserContext } from "playwright";
import { gpuBuffers, leaveRoom } from "../gpu-buffers.ts";
import { row, Tab } from "./tab.ts";

export async function outOfMemory(context: BrowserContext, profile: string): Promise<void> {
  const tab = await Tab.openOnGpu(context, profile);
  await tab.generate();
  const { peakBytes } = await gpuBuffers(tab.page);
  row("room for, MB", "of the peak", "the page says", "next animation", "buffers afterwards, MB");
  row(...Array<string>(5).fill("---"));
  for (const share of [0.2, 0.6, 0.95]) {
    // A reload frees all buffers, as on a first visit.
    await tab.reload();
    await tab.chooseStill();
    await leaveRoom(tab.page, share * peakBytes);
    await tab.begin();
    const { end } = await tab.ended();
    const told = await tab.readMessages();
    await tab.started();
    await tab.generate();
    const { bytes } = await gpuBuffers(tab.page);
    row(megabytes(share * peakBytes), share, `${end.type}: ${told}`, await tab.device(), megabytes(bytes));
  }
  await tab.close();
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
