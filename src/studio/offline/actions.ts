/** The action of the notice that a newer version of the page is ready. */
import type { Updater } from "./service-worker.ts";

/** @param history delays the reload until finished animations have been kept */
export function updateActions(history: { kept(): Promise<void> }, updater: Updater) {
  return {
    /** Reloads the page in its newest version. */
    async updatePage(): Promise<void> {
      await history.kept();
      updater.update();
    },
  };
}
