/**
 * Each tab saves its queue, with finished animations that are not in the history yet, under a random id, and holds a Web Lock on
 * that id. If another tab can acquire the lock, its owner has closed, so that tab adopts the queue, held.
 */
import type { QueuedRender } from "../../protocol/history.ts";
import type { HistoryLink } from "../history/keep-history.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";

const lockOf = (tab: string) => `zoetrope-queue-${tab}`;

/** The part of the history worker that stores queues. */
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
  // The lock is held until the tab is closed.
  void locks.request(lockOf(tab), () => new Promise(() => {}));
  store.subscribe((state, before) => {
    if (state.queue === before.queue && state.coming === before.coming && idOfJob(state) === idOfJob(before)) return;
    void link.keepQueue(tab, toBeMade(state)).catch(() => undefined); // a queue that is not stored only costs convenience
  });
  const left = await link.queues().catch(() => []);
  for (const { tab: other } of left) {
    // An open tab holds its lock, so its queue is adopted when it closes.
    if (other !== tab) void locks.request(lockOf(other), () => takeOver(store, link, other, readHistory));
  }
}

async function takeOver(store: StudioStore, link: QueueKeeper, tab: string, readHistory: () => Promise<void>): Promise<void> {
  try {
    const renders = (await link.queues()).find((queue) => queue.tab === tab)?.renders ?? [];
    // The closed tab may have finished an animation without telling this one.
    if (renders.length > 0) await readHistory();
    resumeLater(store, renders);
    await link.keepQueue(tab, []);
  } catch {
    // This browser stores nothing.
  }
}

const heldWords = "The renderings that the closed page had left wait in the queue.";

function resumeLater(store: StudioStore, renders: readonly QueuedRender[]): void {
  const state = store.getState();
  // A tab that was closed between the two steps has stored the animation but not updated its queue.
  const open = renders.filter(({ id }) => !state.history.some((entry) => entry.id === id));
  if (open.length === 0) return;
  state.enqueue(open.map((render) => ({ ...render, held: true })));
  state.tell("notice", {
    message: heldWords,
    hint: "Open it to go on or to clear it.",
  });
  // The message is dismissed when nothing is held any longer.
  const unsubscribe = store.subscribe(({ queue, messages, dismiss }) => {
    if (queue.some(({ held }) => held)) return;
    unsubscribe();
    for (const { id, text } of messages) if (text === heldWords) dismiss(id);
  });
}

/** The waiting renderings and those that a closing page would lose: the running one, and finished ones that are not stored yet. */
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
