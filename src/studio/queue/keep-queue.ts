/** What is still to be made survives the tab: one tab at a time keeps its queue, and finds it again, paused, at the next visit. */
import type { QueuedRender } from "../../protocol/history.ts";
import type { HistoryLink } from "../history/keep-history.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";

const lockName = "zoetrope-queue";

/** Runs for as long as the page is open. */
export async function keepQueue(store: StudioStore, link: HistoryLink): Promise<void> {
  await navigator.locks?.request(lockName, async () => {
    try {
      resumeLater(store, await link.queue());
      store.subscribe((state, before) => {
        if (state.queue === before.queue && idOfJob(state) === idOfJob(before)) return;
        void link.keepQueue(toBeMade(state)).catch(() => undefined); // only the convenience is lost
      });
    } catch {
      return; // nothing can be kept here
    }
    await new Promise(() => {});
  });
}

function resumeLater(store: StudioStore, renders: readonly QueuedRender[]): void {
  const state = store.getState();
  // Closed in the moment between the two: it is finished, and already in the history.
  const open = renders.filter(({ id }) => !state.history.some((entry) => entry.id === id));
  if (open.length === 0) return;
  state.enqueue(open.map((render) => ({ ...render, held: true })));
  state.tell("notice", {
    message: `${open.length === 1 ? "One animation was" : `${open.length} animations were`} still to be made when the page was closed.`,
    hint: "Open the queue to go on with it or to clear it.",
  });
}

/** The one in progress is begun anew when the page is closed before its end. */
function toBeMade({ job, queue }: StudioState): QueuedRender[] {
  const waiting = queue.map(({ held, ...render }) => render);
  if (job.status !== "running") return waiting;
  const { id, request, names, batch } = job.clip;
  return [{ id, request, names, batch }, ...waiting];
}

function idOfJob({ job }: StudioState): string | null {
  return job.status === "running" ? job.clip.id : null;
}
