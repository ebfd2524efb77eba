import { expect, it } from "vitest";
import type { RenderRequest } from "../../protocol/engine.ts";
import type { KeptQueue, QueuedRender } from "../../protocol/history.ts";
import type { HistoryEntry } from "../store/history.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { keepQueue } from "./keep-queue.ts";

function render(id: string): QueuedRender {
  const request = { settings: { prompt: id, frames: 2 } } as RenderRequest;
  return { id, request, names: { checkpoint: "Mini", motion: null, loras: [] }, batch: null };
}

function entry(id: string): HistoryEntry {
  return { ...render(id), createdAt: 0, favourite: false, durationMs: 1, bytes: 0, thumbnail: null };
}

/** A browser: the data and the locks that its tabs share. Closing a tab releases its locks. */
function browser() {
  const kept = new Map<string, readonly QueuedRender[]>();
  /** Ids of the animations that any tab has finished. */
  const finished: HistoryEntry[] = [];
  const link = {
    queues: async (): Promise<readonly KeptQueue[]> => [...kept].map(([tab, renders]) => ({ tab, renders })),
    async keepQueue(tab: string, renders: readonly QueuedRender[]) {
      if (renders.length === 0) kept.delete(tab);
      else kept.set(tab, renders);
    },
  };
  const waiting = new Map<string, Promise<unknown>>();
  const openTab = async () => {
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const locks = {
      request(name: string, whileHeld: () => Promise<unknown>) {
        const before = waiting.get(name) ?? Promise.resolve();
        const held = before.then(() => Promise.race([whileHeld(), closed]));
        waiting.set(name, held);
        return held;
      },
    };
    const store = createStudioStore();
    await keepQueue(store, link, locks, async () => finished.forEach(store.getState().putEntry));
    await settled();
    return { store, close, ids: () => store.getState().queue.map(({ id }) => id) };
  };
  return { kept, finished, openTab };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

it("two tabs keep a queue each; the next visit finds both, held back", async () => {
  const { openTab } = browser();
  const [first, second] = [await openTab(), await openTab()];
  first.store.getState().enqueue([{ ...render("a"), held: false }]);
  second.store.getState().enqueue([{ ...render("b"), held: false }]);
  await settled();
  first.close();
  second.close();
  await settled();

  const later = await openTab();
  expect(later.ids().toSorted()).toEqual(["a", "b"]);
  expect(later.store.getState().queue.every(({ held }) => held)).toBe(true);
  expect(later.store.getState().messages).toHaveLength(1);

  later.store.getState().tell("notice", { message: "Something else.", hint: "" });
  later.store.getState().holdQueue(false);
  expect(later.store.getState().messages.map(({ text }) => text)).toEqual(["Something else."]);
});

it("a queue belongs to its tab while that is open, and to one other tab afterwards", async () => {
  const { openTab, kept } = browser();
  const first = await openTab();
  first.store.getState().enqueue([{ ...render("a"), held: false }]);
  await settled();
  const [second, third] = [await openTab(), await openTab()];
  expect([second.ids(), third.ids()]).toEqual([[], []]);
  first.close();
  await settled();
  expect([...second.ids(), ...third.ids()]).toEqual(["a"]);
  expect([...kept.values()].map((renders) => renders.map(({ id }) => id))).toEqual([["a"]]);
});

it("an animation that was finished just before closing is not made again", async () => {
  const { openTab, finished } = browser();
  const first = await openTab();
  first.store.getState().enqueue([{ ...render("a"), held: false }]);
  await settled();
  const second = await openTab();
  finished.push(entry("a"));
  first.close();
  await settled();
  expect(second.ids()).toEqual([]);
});

it("a finished animation stays in the stored queue until it is in the history", async () => {
  const { openTab, kept } = browser();
  const first = await openTab();
  const { setComing, putEntry } = first.store.getState();
  putEntry(entry("a"));
  setComing("a", true);
  await settled();
  expect([...kept.values()].flat()).toMatchObject([{ id: "a" }]);
  first.close();
  await settled();
  expect((await openTab()).ids()).toEqual(["a"]);
  setComing("a", false);
  await settled();
  expect([...kept.values()].flat().filter(({ id }) => id === "a")).toHaveLength(1);
});
