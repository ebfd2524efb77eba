import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HistoryService, restorableMs } from "../../../workers/history-service.ts";
import { MemoryHistoryStore } from "../../storage/history-store.ts";
import { type Clip, emptyClip } from "../store/clip.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { studioHistory } from "./keep-history.ts";
import { testEntry } from "./testing/entries.ts";

beforeEach(() => {
  vi.useFakeTimers();
  // Node has no ImageData; the page only carries it.
  vi.stubGlobal(
    "ImageData",
    class {
      readonly data: Uint8ClampedArray;
      readonly width: number;
      readonly height: number;
      constructor(data: Uint8ClampedArray, width: number, height: number) {
        [this.data, this.width, this.height] = [data, width, height];
      }
    },
  );
  vi.stubGlobal("BroadcastChannel", undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function finished(id: string): Clip {
  const { request, names } = testEntry(id, { frames: 1, width: 2, height: 2 });
  const image = new ImageData(new Uint8ClampedArray(16).fill(200), 2, 2);
  return { ...emptyClip(id, request, names), pictures: [{ image, quality: "final" }], state: "complete" };
}

/** Tabs of one browser; `disk` is what they share. */
function browser() {
  const disk = new MemoryHistoryStore();
  const openTab = () => {
    const store = createStudioStore();
    const service = new HistoryService(async () => disk);
    const history = studioHistory(store, service);
    return { store, service, history, ids: () => store.getState().history.map(({ id }) => id) };
  };
  return { disk, openTab };
}

async function withTwo() {
  const { disk, openTab } = browser();
  const tab = openTab();
  for (const id of ["a", "b"]) {
    vi.setSystemTime(Date.now() + 1000);
    tab.history.keep(finished(id), 1);
    await tab.history.kept();
  }
  return { disk, openTab, tab };
}

it("how an animation is trimmed outlives the tab", async () => {
  const { tab, openTab } = await withTwo();
  const clip = await tab.history.clip("a");
  tab.store.getState().showClip(clip!);
  tab.store.getState().setInPoint(0);
  await vi.advanceTimersByTimeAsync(1000);
  const next = openTab();
  await next.history.read();
  expect(next.store.getState().trims).toEqual({ a: { inPoint: 0, outPoint: null } });
});

it("a deleted animation comes back to its place, with its frames", async () => {
  const { tab } = await withTwo();
  await tab.history.remove(["a"]);
  await tab.history.remove(["b"]);
  expect(tab.ids()).toEqual([]);
  await tab.history.undoRemoval();
  expect(tab.ids()).toEqual(["b"]);
  await tab.history.undoRemoval();
  expect(tab.ids()).toEqual(["b", "a"]);
  expect((await tab.history.clip("a"))?.pictures).toHaveLength(1);
  await tab.history.read();
  expect(tab.ids()).toEqual(["b", "a"]);
});

it("the tab that deleted an animation sweeps its bytes later, or another tab does if that one was closed", async () => {
  const { disk, openTab, tab } = await withTwo();
  await tab.history.remove(["a"]);
  await vi.advanceTimersByTimeAsync(restorableMs - 1000);
  expect(await disk.frames("a")).not.toBeNull();
  await tab.history.undoRemoval(); // too late for the page to offer it
  expect(tab.ids()).toEqual(["b"]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(await disk.frames("a")).toBeNull();

  await disk.remove(["b"], Date.now()); // by a tab that was closed at once
  const later = openTab();
  await later.history.read();
  expect(later.ids()).toEqual([]);
  expect(await disk.frames("b")).not.toBeNull();
  await vi.advanceTimersByTimeAsync(restorableMs + 3000);
  expect(await disk.frames("b")).toBeNull();
});

it("a list that was requested before a deletion does not bring the deleted animation back", async () => {
  const { tab } = await withTwo();
  const reading = tab.history.read();
  const removing = tab.history.remove(["a"]);
  await Promise.all([reading, removing]);
  expect(tab.ids()).toEqual(["b"]);
  const readingAgain = tab.history.read();
  const undoing = tab.history.undoRemoval();
  await Promise.all([readingAgain, undoing]);
  expect(tab.ids()).toEqual(["b", "a"]);
});

it("a change to an animation that is still being stored is not lost", async () => {
  const { openTab } = browser();
  const tab = openTab();
  tab.history.keep(finished("a"), 1);
  tab.history.keep(finished("b"), 1);
  await Promise.all([tab.history.change("a", { favourite: true, title: "mine" }), tab.history.remove(["b"]), tab.history.kept()]);
  expect(tab.store.getState().history).toMatchObject([{ id: "a", favourite: true, title: "mine" }]);
  const next = openTab();
  await next.history.read();
  expect(next.store.getState().history).toMatchObject([{ id: "a", favourite: true, title: "mine" }]);
});

it("two tabs that finish at once keep both", async () => {
  const { openTab } = browser();
  const [one, other] = [openTab(), openTab()];
  one.history.keep(finished("a"), 1);
  const reading = one.history.read();
  other.history.keep(finished("b"), 1);
  await Promise.all([reading, one.history.kept(), other.history.kept()]);
  for (const tab of [one, other]) {
    await tab.history.read();
    expect(tab.ids().toSorted()).toEqual(["a", "b"]);
  }
});

it("a full disk sweeps deleted animations that could still be put back", async () => {
  const { disk, tab } = await withTwo();
  await tab.history.remove(["a"]);
  const put = disk.put.bind(disk);
  disk.put = async (record, frames) => {
    if ((await disk.frames("a")) !== null) throw new Error("full");
    await put(record, frames);
  };
  tab.history.keep(finished("c"), 1);
  await tab.history.kept();
  await tab.history.read();
  expect(tab.ids()).toEqual(["c", "b"]);
  expect(tab.store.getState().messages).toEqual([]);
});
