/** Records of the browser about a page: transferred bytes, long tasks and layout shifts. */

import type { Page, Request } from "@playwright/test";

export interface Transfer {
  /** Path below the page's own folder. */
  readonly path: string;
  readonly bytes: number;
}

/** Records every response from the network, with its size as sent. Call it before opening the page. */
export function recordTransfers(page: Page): { all(): Promise<Transfer[]>; clear(): void } {
  let requests: Request[] = [];
  page.on("requestfinished", (request) => {
    if (request.url().startsWith("http")) requests.push(request);
  });
  const transferOf = async (request: Request): Promise<Transfer> => {
    const { responseBodySize } = await request.sizes();
    // Chromium does not report the sizes of a worker's own script.
    const announced = Number((await request.response())?.headers()["content-length"] ?? 0);
    return { path: new URL(request.url()).pathname.slice(1), bytes: Math.max(responseBodySize, announced) };
  };
  return {
    all: () => Promise.all(requests.map(transferOf)),
    clear: () => {
      requests = [];
    },
  };
}

export function bytesBelow(transfers: readonly Transfer[], folder: string): number {
  return transfers.filter(({ path }) => path.startsWith(folder)).reduce((sum, { bytes }) => sum + bytes, 0);
}

export interface LongTask {
  /** Milliseconds since the page was opened. */
  readonly at: number;
  readonly durationMs: number;
}

/** An element that moved unexpectedly (Layout Instability API). */
export interface LayoutShift {
  readonly at: number;
  /** Share of the window that moved, times the distance. */
  readonly value: number;
  /** Elements that moved: "p.size", or "#text" for a text. */
  readonly moved: readonly string[];
}

declare global {
  interface Window {
    longTasks: LongTask[];
    layoutShifts: LayoutShift[];
  }
}

/** Records tasks of 50 ms and more on the page's thread. Call it before opening the page. */
export async function recordLongTasks(page: Page): Promise<() => Promise<LongTask[]>> {
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ at: startTime, durationMs: duration });
    }).observe({ type: "longtask", buffered: true });
  });
  return () => page.evaluate(() => window.longTasks);
}

/** Records elements that moved without recent input. Call it before opening the page. */
export async function recordLayoutShifts(page: Page): Promise<() => Promise<LayoutShift[]>> {
  await page.addInitScript(() => {
    /** TypeScript's DOM types lack this entry. */
    type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] };
    window.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const { startTime, value, hadRecentInput, sources } of list.getEntries() as Entry[]) {
        const moved = sources.map(({ node }) =>
          node instanceof Element ? `${node.localName}.${node.classList.value}` : (node?.nodeName ?? "what is gone"),
        );
        if (!hadRecentInput) window.layoutShifts.push({ at: startTime, value, moved });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return () => page.evaluate(() => window.layoutShifts);
}

/** "3 of 50 ms or more, 0.2 s together, the longest 87 ms (at 1.2 s), 55 ms (at 3.4 s), …" */
export function longTaskWords(tasks: readonly LongTask[]): string {
  if (tasks.length === 0) return "none of 50 ms or more";
  const together = tasks.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const longest = [...tasks].sort((a, b) => b.durationMs - a.durationMs).slice(0, 5);
  const list = longest.map(({ at, durationMs }) => `${Math.round(durationMs)} ms (at ${(at / 1000).toFixed(1)} s)`);
  return `${tasks.length} of 50 ms or more, ${(together / 1000).toFixed(1)} s together, the longest ${list.join(", ")}`;
}
