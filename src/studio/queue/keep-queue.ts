/**
 * What is still to be made survives the tab, and so does what has been made and is not in the history yet. Each tab keeps its own under a name that a lock stands for; a lock that can be had
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
 * @param readHistory reads what other tabs have finished
 */
export async function keepQueue(
  store: StudioStore,
  link: QueueKeeper,
  locks: TabLocks | undefined,
  readHistory: () => Promise<void>,
): Promise<void> {
  if (locks === undefined) return;
  const tab = crypto.randomUUID();
  // Held until the tab is closed.
  void locks.request(lockOf(tab), () => new Promise(() => {}));
  store.subscribe((state, before) => {
    if (state.queue === before.queue && state.coming === before.coming && idOfJob(state) === idOfJob(before)) return;
    void link.keepQueue(tab, toBeMade(state)).catch(() => undefined); // only the convenience is lost
  });
  const left = await link.queues().catch(() => []);
  for (const { tab: other } of left) {
    // Tabs that are open now hand over theirs when they are closed.
    if (other !== tab) void locks.request(lockOf(other), () => takeOver(store, link, other, readHistory));
  }
}

async function takeOver(store: StudioStore, link: QueueKeeper, tab: string, readHistory: () => Promise<void>): Promise<void> {
  try {
    const renders = (await link.queues()).find((queue) => queue.tab === tab)?.renders ?? [];
    // What that tab finished last it may not have told.
    if (renders.length > 0) await readHistory();
    resumeLater(store, renders);
    await link.keepQueue(tab, []);
  } catch {
    // Nothing can be kept here.
  }
}

const heldWords = "What was still to be made when the page was closed waits in the queue.";

function resumeLater(store: StudioStore, renders: readonly QueuedRender[]): void {
  const state = store.getState();
  // Closed in the moment between the two: it is finished, and already in the history.
  const open = renders.filter(({ id }) => !state.history.some((entry) => entry.id === id));
  if (open.length === 0) return;
  state.enqueue(open.map((render) => ({ ...render, held: true })));
  state.tell("notice", {
    message: heldWords,
    hint: "Open it to go on or to clear it.",
  });
  // It is true for as long as something is held back.
  const unsubscribe = store.subscribe(({ queue, messages, dismiss }) => {
    if (queue.some(({ held }) => held)) return;
    unsubscribe();
    for (const { id, text } of messages) if (text === heldWords) dismiss(id);
  });
}

/** The one in progress is begun anew when the page is closed before its end, and so is one that could not be kept in time. */
function toBeMade({ job, queue, coming, history }: StudioState): QueuedRender[] {
  const waiting = queue.map(({ held, ...render }) => render);
  const begun = [...history.filter(({ id }) => coming.includes(id)), ...(job.status === "running" ? [job.clip] : [])];
  const ids = new Set(begun.map(({ id }) => id));
  return [
    ...begun.filter(({ id }) => ids.delete(id)).map(({ id, request, names, batch }) => ({ id, request, names, batch })),
    ...waiting,
  ];
}

function idOfJob({ job }: StudioState): string | null {
  return job.status === "running" ? job.clip.id : null;
}
