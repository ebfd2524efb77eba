/** The harness page: hands jobs to the worker and returns their results to Playwright as plain data. */

import { wrap } from "comlink";
import type { HarnessApi } from "./harness.worker.ts";

const worker = new Worker(new URL("./harness.worker.ts", import.meta.url), { type: "module", name: "harness" });

declare global {
  interface Window {
    /** Calls into the worker, for `page.evaluate`. */
    readonly harness: ReturnType<typeof wrap<HarnessApi>>;
  }
}

Object.assign(window, { harness: wrap<HarnessApi>(worker) });
