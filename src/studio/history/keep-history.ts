/** Finished animations on their way into the history, and earlier ones on their way back. */
import { type Remote, transfer, wrap } from "comlink";
import { ZoetropeError } from "../../core/errors.ts";
import type { HistoryApi, KeptRecord } from "../../protocol/history.ts";
import { revive } from "../engine/client.ts";
import { type Clip, emptyClip, finalFrames, type Picture } from "../store/clip.ts";
import type { HistoryEntry } from "../store/history.ts";
import type { StudioStore } from "../store/studio-store.ts";

export type HistoryLink = HistoryApi | Remote<HistoryApi>;

export function openHistoryWorker(): HistoryLink {
  const worker = new Worker(new URL("../../../workers/history.worker.ts", import.meta.url), { type: "module", name: "history" });
  return wrap<HistoryApi>(worker);
}

/** Reads what is kept; what this tab has made meanwhile stays. */
export async function readHistory(store: StudioStore, link: HistoryLink): Promise<void> {
  try {
    const { records, lasting } = await link.list();
    const before = new Map(store.getState().history.map((entry) => [entry.id, entry]));
    const kept = records.map((record) => ({
      ...entryOf(record),
      thumbnail: before.get(record.id)?.thumbnail ?? pictureUrl(record),
    }));
    const unkept = store
      .getState()
      .history.filter(({ id, thumbnail }) => thumbnail === null && !records.some((r) => r.id === id));
    store.getState().setHistory([...unkept, ...kept], lasting);
  } catch (thrown) {
    store.getState().tell("error", revive(thrown));
  }
}

/** Puts a finished clip into the history; it is there at once, and kept a moment later. */
export async function keepClip(store: StudioStore, link: HistoryLink, clip: Clip, durationMs: number): Promise<void> {
  const frames = finalFrames(clip);
  if (frames === null) return;
  const { id, batch, request, names } = clip;
  const record = { id, createdAt: Date.now(), favourite: false, batch, request, names, durationMs };
  store.getState().remember(clip);
  store.getState().putEntry({ ...record, bytes: 0, thumbnail: null });
  try {
    for (const { width, height, data } of frames) {
      const pixels = data.slice() as Uint8ClampedArray<ArrayBuffer>;
      await link.addFrame(id, transfer({ width, height, data: pixels }, [pixels.buffer]));
    }
    const kept = await link.keep(record);
    store.getState().putEntry({ ...entryOf(kept), thumbnail: pictureUrl(kept) });
    changes?.postMessage(null);
  } catch (thrown) {
    store.getState().tell("error", notKept(thrown));
  }
}

/** The clip with its pictures, from memory or from where it is kept; null when it is gone, and the person knows. */
export async function clipOf(store: StudioStore, link: HistoryLink, id: string): Promise<Clip | null> {
  const { recentClips, history } = store.getState();
  const inMemory = recentClips.find((clip) => clip.id === id);
  const entry = history.find((each) => each.id === id);
  if (inMemory !== undefined || entry === undefined) return inMemory ?? null;
  try {
    const frames = await link.frames(id);
    if (frames === null) throw gone();
    const pictures = frames.map(
      ({ data, width, height }): Picture => ({ image: new ImageData(data, width, height), quality: "final" }),
    );
    const clip: Clip = { ...emptyClip(id, entry.request, entry.names, entry.batch), pictures, state: "complete" };
    store.getState().remember(clip);
    return clip;
  } catch (thrown) {
    store.getState().tell("error", revive(thrown));
    await readHistory(store, link);
    return null;
  }
}

export async function setFavourite(store: StudioStore, link: HistoryLink, id: string, favourite: boolean): Promise<void> {
  store.getState().setFavourite(id, favourite);
  await tellFailure(store, link.setFavourite(id, favourite));
}

export async function removeFromHistory(store: StudioStore, link: HistoryLink, ids: readonly string[]): Promise<void> {
  for (const { id, thumbnail } of store.getState().history) {
    if (ids.includes(id) && thumbnail !== null) URL.revokeObjectURL(thumbnail);
  }
  store.getState().forget(ids);
  store.getState().announce(ids.length === 1 ? "Animation deleted" : `${ids.length} animations deleted`);
  await tellFailure(store, link.remove(ids));
}

/** Other tabs of this page keep the same history. */
const changes = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("zoetrope-history");

export function followOtherTabs(store: StudioStore, link: HistoryLink): void {
  changes?.addEventListener("message", () => void readHistory(store, link));
}

async function tellFailure(store: StudioStore, change: Promise<void>): Promise<void> {
  try {
    await change;
    changes?.postMessage(null);
  } catch (thrown) {
    store.getState().tell("error", revive(thrown));
  }
}

function entryOf({ thumbnail, ...record }: KeptRecord): Omit<HistoryEntry, "thumbnail"> {
  return record;
}

function pictureUrl({ thumbnail }: KeptRecord): string {
  return URL.createObjectURL(new Blob([thumbnail], { type: "image/png" }));
}

function notKept(thrown: unknown): ZoetropeError {
  const error = revive(thrown);
  if (error.code !== "storage/full") return error;
  return new ZoetropeError("history/full", {
    message: "This browser has no room left to keep the animation: it lasts as long as this tab.",
    hint: "Export it, and delete earlier animations or models to make room.",
    cause: thrown,
  });
}

function gone(): ZoetropeError {
  return new ZoetropeError("history/gone", {
    message: "The pictures of this animation are no longer stored in this browser.",
    hint: "Its settings are still there: generate again with the same seed.",
  });
}
