/** The queue of renderings that wait behind the running one. */
import type { StateCreator } from "zustand/vanilla";
import type { GridLabels } from "../../media/grid-sheet.ts";
import type { QueuedRender } from "../../protocol/history.ts";

export interface WaitingRender extends QueuedRender {
  /** Waits until the person continues the queue: after a failure, or when it was adopted from a closed tab. */
  readonly held: boolean;
}

export interface QueueSlice {
  /** The next one first, without the running rendering. */
  readonly queue: readonly WaitingRender[];
  /** As typed: the number of animations that one press of Generate makes, each with the next seed. */
  readonly batchCount: string;
  /** The last grid that was queued: its renderings row by row. */
  readonly grid: QueuedGrid | null;
  enqueue(renders: readonly WaitingRender[]): void;
  /** Removes the next rendering that is not held from the queue and returns it; null: there is none. */
  takeQueued(): QueuedRender | null;
  /** Moves a rendering to place `to`; 0 is the next. */
  moveQueued(id: string, to: number): void;
  dropQueued(id: string): void;
  clearQueue(): void;
  /** Holds all waiting renderings, or releases them. */
  holdQueue(held: boolean): void;
  setBatchCount(text: string): void;
  setGrid(grid: QueuedGrid): void;
}

export interface QueuedGrid {
  readonly ids: readonly string[];
  readonly labels: GridLabels;
}

export const createQueueSlice: StateCreator<QueueSlice> = (set, get) => ({
  queue: [],
  batchCount: "1",
  grid: null,

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
  setGrid: (grid) => set({ grid }),
});
