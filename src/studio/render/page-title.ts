/** Shows the progress of a rendering in the page's title, which is visible from other tabs. */

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
    // The person now sees the finished animation.
    if (!document.hidden) document.title = titleOf(store.getState().job, false);
  });
}

export function titleOf(job: Job, hidden: boolean): string {
  if (job.status === "running") return `${Math.round(100 * fraction(job.progress))} % – ${name}`;
  return hidden && job.lastDurationMs !== null ? `Made – ${name}` : name;
}
