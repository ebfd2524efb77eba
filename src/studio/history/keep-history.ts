/** Stores finished animations in the history, and loads earlier ones. */
import { type Remote, transfer, wrap } from "../../bridge/comlink.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { HistoryApi, HistoryChange, KeptRecord, Trim } from "../../protocol/history.ts";
import { type Clip, emptyClip, finalFrames, type Picture } from "../store/clip.ts";
import type { HistoryEntry, Removal } from "../store/history.ts";
import type { StudioStore } from "../store/studio-store.ts";

export type HistoryLink = HistoryApi | Remote<HistoryApi>;

export function openHistoryWorker(): HistoryLink {
  const worker = new Worker(new URL("../../../workers/history.worker.ts", import.meta.url), { type: "module", name: "history" });
  return wrap<HistoryApi>(worker);
}

/** A removed animation can be put back for this long; its bytes stay longer (workers/history-service.ts). */
const undoableMs = 60_000;

/** The history of one tab: it connects the tab's store with the history that all tabs share. */
export interface StudioHistory {
  /** Reads the stored history; animations that this tab has just finished stay. */
  read(): Promise<void>;
  /** Adds a finished clip to the history at once, and stores it a moment later. */
  keep(clip: Clip, durationMs: number): void;
  /** Resolves when every finished clip has been stored. */
  kept(): Promise<void>;
  /** The clip with its frames, from memory or from the stored history. null: it is gone, and the person was told. */
  clip(id: string): Promise<Clip | null>;
  change(id: string, change: HistoryChange): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** Stops offering to put back the last removal. */
  endRemoval(): void;
  /** Puts back the last removal; does nothing if it is too late. */
  undoRemoval(): Promise<void>;
}

export function studioHistory(store: StudioStore, link: HistoryLink): StudioHistory {
  /** Tells the other tabs, which share the history, to read it again. */
  const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("zoetrope-history");
  let keeping: Promise<unknown> = Promise.resolve();
  /** The last write. Changes are written in order, after the animations that they change. */
  let writing: Promise<unknown> = Promise.resolve();
  let changeCount = 0;

  async function read(): Promise<void> {
    try {
      for (;;) {
        const before = changeCount;
        await writing;
        const listed = await link.list();
        // A list from before a change is read again.
        if (before === changeCount) return show(store, listed);
      }
    } catch (thrown) {
      store.getState().tell("error", ZoetropeError.from(thrown));
    }
  }

  function write(change: () => Promise<void>): Promise<void> {
    changeCount += 1;
    const written = Promise.all([keeping, writing])
      .then(change)
      .then(
        () => tabs?.postMessage(null),
        (thrown) => store.getState().tell("error", ZoetropeError.from(thrown)),
      );
    writing = written;
    return written;
  }

  async function keepClip(clip: Clip, durationMs: number): Promise<void> {
    const frames = finalFrames(clip);
    if (frames === null) return;
    const { id, batch, request, names } = clip;
    const trim = store.getState().trims[id];
    const described = { id, createdAt: Date.now(), favourite: false, title: null, batch, request, names, durationMs };
    const record = trim === undefined ? described : { ...described, trim };
    store.getState().remember(clip);
    store.getState().putEntry({ ...record, bytes: 0, thumbnail: null });
    store.getState().setComing(id, true);
    try {
      for (const { width, height, data } of frames) {
        const pixels = data.slice() as Uint8ClampedArray<ArrayBuffer>;
        await link.addFrame(id, transfer({ width, height, data: pixels }, [pixels.buffer]));
      }
      const kept = await link.keep(record);
      store.getState().fillEntry(id, { bytes: kept.bytes, thumbnail: pictureUrl(kept) });
      tabs?.postMessage(null);
    } catch (thrown) {
      store.getState().tell("error", notKept(thrown));
    }
    store.getState().setComing(id, false);
  }

  function end(removal: number): void {
    for (const { thumbnail } of store.getState().endRemoval(removal)?.entries ?? []) {
      if (thumbnail !== null) URL.revokeObjectURL(thumbnail);
    }
  }

  tabs?.addEventListener("message", () => void read());
  keepTrims(store, (id, trim) => write(() => link.change(id, { trim })));

  return {
    read,
    keep(clip, durationMs) {
      keeping = Promise.all([keeping, keepClip(clip, durationMs)]);
    },
    async kept() {
      await keeping;
    },

    async clip(id) {
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
        store.getState().tell("error", ZoetropeError.from(thrown));
        await read();
        return null;
      }
    },

    change(id, change) {
      store.getState().changeEntry(id, change);
      return write(() => link.change(id, change));
    },

    async remove(ids) {
      const removal = store.getState().removeEntries(ids);
      if (removal === null) return;
      setTimeout(() => end(removal.id), undoableMs);
      await write(() => link.remove(ids));
    },

    endRemoval() {
      const last = store.getState().removals.at(-1);
      if (last !== undefined) end(last.id);
    },

    async undoRemoval() {
      const last = store.getState().removals.at(-1);
      const removal = last === undefined ? null : store.getState().putBack(last.id);
      if (removal === null) return;
      store.getState().announce(removal.entries.length === 1 ? "The animation is back" : "The animations are back");
      await write(() => link.restore(removal.entries.map(({ id }) => id)));
    },
  };
}

/** A drag of a handle sets many points; only where it rests is stored. */
const trimSettlesMs = 500;

/** Stores how the person trims animations of the history. */
function keepTrims(store: StudioStore, keep: (id: string, trim: Trim) => void): void {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  store.subscribe(({ trims, history }, before) => {
    if (trims === before.trims) return;
    for (const { id, trim: stored } of history) {
      const trim = trims[id];
      if (trim === undefined || trim === before.trims[id] || trim === stored) continue;
      clearTimeout(timers.get(id));
      timers.set(
        id,
        setTimeout(() => keep(id, trim), trimSettlesMs),
      );
    }
  });
}

export function removalWords({ entries }: Removal): string {
  return entries.length === 1 ? "Animation deleted." : `${entries.length} animations deleted.`;
}

function show(store: StudioStore, { records, lasting }: Awaited<ReturnType<HistoryApi["list"]>>): void {
  const { history, setHistory, restoreTrims } = store.getState();
  const before = new Map(history.map((entry) => [entry.id, entry]));
  const kept = records.map((record) => ({
    ...entryOf(record),
    thumbnail: before.get(record.id)?.thumbnail ?? pictureUrl(record),
  }));
  const listed = new Set(records.map(({ id }) => id));
  const others = history.filter(({ id }) => !listed.has(id));
  for (const { thumbnail } of others) if (thumbnail !== null) URL.revokeObjectURL(thumbnail);
  const unkept = others.filter(({ thumbnail }) => thumbnail === null);
  setHistory([...unkept, ...kept], lasting);
  restoreTrims(Object.fromEntries(records.flatMap(({ id, trim }) => (trim === undefined ? [] : [[id, trim]]))));
}

function entryOf({ thumbnail, ...record }: KeptRecord): Omit<HistoryEntry, "thumbnail"> {
  return record;
}

function pictureUrl({ thumbnail }: KeptRecord): string {
  return URL.createObjectURL(new Blob([thumbnail], { type: "image/png" }));
}

function notKept(thrown: unknown): ZoetropeError {
  const error = ZoetropeError.from(thrown);
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
