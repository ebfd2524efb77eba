/**
 * Keeps what the engine sends to the page: every event of a rendering with its time, and the frames as they were before the
 * page drew them. The page itself does not know of it.
 */

import type { Page } from "@playwright/test";
import type { RenderEvent } from "../../src/protocol/render.ts";

type WithoutPixels<Event> = Event extends { pixels: unknown } ? Omit<Event, "pixels"> : Event;

/** An event without its pictures; `at` in milliseconds since the page was opened. */
export type LoggedEvent = WithoutPixels<RenderEvent> & { readonly at: number };

interface EngineLog {
  readonly events: LoggedEvent[];
  /** RGBA of the latest rendering's frames, by index. */
  readonly frames: Uint8ClampedArray[];
}

declare global {
  interface Window {
    engineLog: EngineLog;
  }
}

/** Must be called before the page is opened. (No function in it has a name: compilers that keep names would break it.) */
export async function keepEngineLog(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.engineLog = { events: [], frames: [] };
    window.MessageChannel = class extends MessageChannel {
      constructor() {
        super();
        this.port1.addEventListener("message", ({ data }) => {
          // The export's progress and React's scheduler use channels, too. Imports have `progress`, but with `doneBytes`.
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
  // As text: the bridge to the page carries long arrays number by number.
  const texts = await page.evaluate(() =>
    window.engineLog.frames.map((pixels) => {
      let text = "";
      for (let i = 0; i < pixels.length; i += 8192) text += String.fromCharCode(...pixels.subarray(i, i + 8192));
      return btoa(text);
    }),
  );
  return texts.map((text) => new Uint8Array(Buffer.from(text, "base64")));
}

/** Forgets what was kept; before a rendering. */
export async function clearEngineLog(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.engineLog.events.length = 0;
    window.engineLog.frames.length = 0;
  });
}
