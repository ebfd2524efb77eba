/** How far a rendering is, in the page's title: for those who look at another tab meanwhile. */

import { fraction } from "../store/progress.ts";
import type { Job } from "../store/render.ts";
import type { StudioStore } from "../store/studio-store.ts";

const name = "Zoetrope";

export function tellInTitle(store: StudioStore): void {
  store.subscribe(({ job }, before) => {
    if (job === before.job) return;
    document.title = titleOf(job, document.hidden);
  });
  document.addEventListener("visibilitychange", () => {
    // What was made has now been seen.
    if (!document.hidden) document.title = titleOf(store.getState().job, false);
  });
}

export function titleOf(job: Job, hidden: boolean): string {
  if (job.status === "running") return `${Math.round(100 * fraction(job.progress))} % – ${name}`;
  return hidden && job.lastDurationMs !== null ? `Made – ${name}` : name;
}
