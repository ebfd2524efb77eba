/** Renderings that wait for their turn behind the one in progress. */
import type { StateCreator } from "zustand/vanilla";
import type { QueuedRender } from "../../protocol/history.ts";

export interface WaitingRender extends QueuedRender {
  /** Waits for the person: after a failure, and when it was found again after the page had been closed. */
  readonly held: boolean;
}

export interface QueueSlice {
  /** The next one first; the rendering in progress is no longer among them. */
  readonly queue: readonly WaitingRender[];
  /** As typed; how many animations one press of the button makes, each with the next seed. */
  readonly batchCount: string;
  enqueue(renders: readonly WaitingRender[]): void;
  /** Takes the next one that is not held out of the queue, or returns null when there is none. */
  takeQueued(): QueuedRender | null;
  /** Puts one at place `to`, 0 being the next. */
  moveQueued(id: string, to: number): void;
  dropQueued(id: string): void;
  clearQueue(): void;
  /** Holds back everything that waits, or lets it go. */
  holdQueue(held: boolean): void;
  setBatchCount(text: string): void;
}

export const createQueueSlice: StateCreator<QueueSlice> = (set, get) => ({
  queue: [],
  batchCount: "1",

  enqueue: (renders) => set(({ queue }) => ({ queue: [...queue, ...renders] })),
  takeQueued: () => {
    const { queue } = get();
    const next = queue.find(({ held }) => !held);
    if (next === undefined) return null;
    set({ queue: queue.filter((render) => render !== next) });
    return next;
  },
  moveQueued: (id, to) =>
    set(({ queue }) => {
      const moved = queue.find((render) => render.id === id);
      if (moved === undefined) return {};
      const others = queue.filter((render) => render !== moved);
      const place = Math.max(0, Math.min(others.length, to));
      return { queue: [...others.slice(0, place), moved, ...others.slice(place)] };
    }),
  dropQueued: (id) => set(({ queue }) => ({ queue: queue.filter((render) => render.id !== id) })),
  clearQueue: () => set({ queue: [] }),
  holdQueue: (held) => set(({ queue }) => ({ queue: queue.map((render) => ({ ...render, held })) })),
  setBatchCount: (batchCount) => set({ batchCount }),
});
