/**
 * Records the engine's messages to the page: every event of a rendering with its time, and the frames before the page
 * draws them. The page does not know about it.
 */

import type { Page } from "@playwright/test";
import type { RenderEvent } from "../../src/protocol/render.ts";

type WithoutPixels<Event> = Event extends { pixels: unknown } ? Omit<Event, "pixels"> : Event;

/** An event without its pictures; `at` is in milliseconds since the page opened. */
export type LoggedEvent = WithoutPixels<RenderEvent> & { readonly at: number };

interface EngineLog {
  readonly events: LoggedEvent[];
  /** Frames of the latest rendering in RGBA, by index. */
  readonly frames: Uint8ClampedArray[];
}

declare global {
  interface Window {
    engineLog: EngineLog;
  }
}

/** Call it before opening the page. Its functions have no names, because compilers that preserve names would break it. */
export async function recordEngineLog(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.engineLog = { events: [], frames: [] };
    window.MessageChannel = class extends MessageChannel {
      constructor() {
        super();
        this.port1.addEventListener("message", ({ data }) => {
          // The export and React's scheduler use channels, too. An import's `progress` has `doneBytes`.
          const types = ["phase", "progress", "preview", "frame", "notice", "done", "cancelled", "failed"];
          if (!types.includes(data?.type) || "doneBytes" in data) return;
          const { pixels, ...event } = data;
          window.engineLog.events.push({ ...event, at: performance.now() });
          if (event.type === "frame") window.engineLog.frames[event.index] = pixels.slice();
        });
      }
    };
  });
}

export function loggedEvents(page: Page): Promise<LoggedEvent[]> {
  return page.evaluate(() => window.engineLog.events);
}

/** The frames of the latest rendering, RGBA. */
export async function loggedFrames(page: Page): Promise<Uint8Array[]> {
  // Frames travel as text, because Playwright's bridge sends arrays number by number.
  const texts = await page.evaluate(() =>
    window.engineLog.frames.map((pixels) => {
      let text = "";
      for (let i = 0; i < pixels.length; i += 8192) text += String.fromCharCode(...pixels.subarray(i, i + 8192));
      return btoa(text);
    }),
  );
  return texts.map((text) => new Uint8Array(Buffer.from(text, "base64")));
}

/** Clears the log; call it before a rendering. */
export async function clearEngineLog(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.engineLog.events.length = 0;
    window.engineLog.frames.length = 0;
  });
}
