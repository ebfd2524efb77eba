/**
 * What is still to be made survives the tab. Each tab keeps its own under a name that a lock stands for; a lock that can be had
 * belongs to a tab that was closed, and what that one left is found again, held back, in the tab that took the lock.
 */
import type { QueuedRender } from "../../protocol/history.ts";
import type { HistoryLink } from "../history/keep-history.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";

const lockOf = (tab: string) => `zoetrope-queue-${tab}`;

/** What keeps and finds queues, and what tells whose tab is open. */
export type QueueKeeper = Pick<HistoryLink, "queues" | "keepQueue">;
export type TabLocks = { request(name: string, whileHeld: () => Promise<unknown>): Promise<unknown> };

/**
 * Runs for as long as the page is open.
 * @param locks undefined: this browser has none, and nothing is kept
 */
export async function keepQueue(store: StudioStore, link: QueueKeeper, locks: TabLocks | undefined): Promise<void> {
  if (locks === undefined) return;
  const tab = crypto.randomUUID();
  // Held until the tab is closed.
  void locks.request(lockOf(tab), () => new Promise(() => {}));
  store.subscribe((state, before) => {
    if (state.queue === before.queue && idOfJob(state) === idOfJob(before)) return;
    void link.keepQueue(tab, toBeMade(state)).catch(() => undefined); // only the convenience is lost
  });
  const left = await link.queues().catch(() => []);
  for (const { tab: other } of left) {
    // Tabs that are open now hand over theirs when they are closed.
    if (other !== tab) void locks.request(lockOf(other), () => takeOver(store, link, other));
  }
}

async function takeOver(store: StudioStore, link: QueueKeeper, tab: string): Promise<void> {
  try {
    const renders = (await link.queues()).find((queue) => queue.tab === tab)?.renders ?? [];
    resumeLater(store, renders);
    await link.keepQueue(tab, []);
  } catch {
    // Nothing can be kept here.
  }
}

function resumeLater(store: StudioStore, renders: readonly QueuedRender[]): void {
  const state = store.getState();
  // Closed in the moment between the two: it is finished, and already in the history.
  const open = renders.filter(({ id }) => !state.history.some((entry) => entry.id === id));
  if (open.length === 0) return;
  state.enqueue(open.map((render) => ({ ...render, held: true })));
  state.tell("notice", {
    message: "What was still to be made when the page was closed waits in the queue.",
    hint: "Open it to go on or to clear it.",
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
