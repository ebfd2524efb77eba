/** The service that the history worker exposes: it keeps finished animations, their frames as PNG files. */
import { transfer } from "../src/bridge/comlink.ts";
import { keptSettings } from "../src/core/settings/render-settings.ts";
import type { Keeper } from "../src/core/settings/setting.ts";
import { framePng, pngFrame, smaller } from "../src/media/png/frame-png.ts";
import type {
  FramePixels,
  HistoryApi,
  HistoryChange,
  HistoryRecord,
  KeptQueue,
  KeptRecord,
  QueuedRender,
} from "../src/protocol/history.ts";
import { type EncodedFrame, type HistoryStore, IdbHistoryStore, MemoryHistoryStore } from "../src/storage/history-store.ts";

/** Longest side of a thumbnail in pixels. */
const thumbnailSide = 192;

/** A removed animation keeps its bytes for this long, which is longer than the page offers to put it back. */
export const restorableMs = 120_000;
/** The first sweep waits, so that reading the list comes first. */
const firstSweepMs = 2000;

export class HistoryService implements HistoryApi {
  readonly #open: () => Promise<HistoryStore>;
  #store: Promise<HistoryStore> | null = null;
  #sweeping: ReturnType<typeof setTimeout> | undefined;
  /** By id: the frames of animations that are about to be kept, and a thumbnail of the first frame, as PNG files. */
  readonly #coming = new Map<string, { readonly thumbnail: Uint8Array<ArrayBuffer>; readonly frames: EncodedFrame[] }>();

  constructor(open: () => Promise<HistoryStore> = openHistory) {
    this.#open = open;
  }

  async list() {
    const store = await this.#opened();
    return { records: (await store.list()).map((record) => keptBy("history", record)), lasting: store.lasting };
  }

  async addFrame(id: string, frame: FramePixels): Promise<void> {
    const coming = this.#coming.get(id) ?? { thumbnail: framePng(smaller(frame, thumbnailSide)), frames: [] };
    coming.frames.push(framePng(frame));
    this.#coming.set(id, coming);
  }

  async keep(record: HistoryRecord): Promise<KeptRecord> {
    const { thumbnail, frames } = this.#coming.get(record.id)!;
    this.#coming.delete(record.id);
    const bytes = frames.reduce((sum, png) => sum + png.byteLength, 0);
    const kept = { ...keptBy("history", record), bytes, thumbnail };
    const store = await this.#opened();
    try {
      await store.put(kept, frames);
    } catch (thrown) {
      // Removed animations that could still be put back make room first.
      if ((await store.sweep(Date.now())).count === 0) throw thrown;
      await store.put(kept, frames);
    }
    return kept;
  }

  async frames(id: string): Promise<readonly FramePixels[] | null> {
    const encoded = await (await this.#opened()).frames(id);
    if (encoded === null) return null;
    const frames = encoded.map(pngFrame);
    // Transferred, so that the page's thread does not spend time on a copy.
    return transfer(
      frames,
      frames.map(({ data }) => data.buffer),
    );
  }

  async change(id: string, change: HistoryChange): Promise<void> {
    await (await this.#opened()).change(id, change);
  }

  async remove(ids: readonly string[]): Promise<void> {
    const store = await this.#opened();
    await store.remove(ids, Date.now());
    this.#sweepIn(restorableMs, store);
  }

  async restore(ids: readonly string[]): Promise<void> {
    await (await this.#opened()).restore(ids);
  }

  async queues(): Promise<readonly KeptQueue[]> {
    const queues = await (await this.#opened()).queues();
    return queues.map(({ tab, renders }) => ({ tab, renders: renders.map((render) => keptBy("queue", render)) }));
  }

  async keepQueue(tab: string, renders: readonly QueuedRender[]): Promise<void> {
    await (await this.#opened()).keepQueue(
      tab,
      renders.map((render) => keptBy("queue", render)),
    );
  }

  #opened(): Promise<HistoryStore> {
    this.#store ??= this.#open().then((store) => {
      // A tab that was closed soon after a removal has left bytes to sweep.
      this.#sweepIn(firstSweepMs, store);
      return store;
    });
    return this.#store;
  }

  /** Deletes the removed animations that are due in `ms`, then schedules the next sweep. Every tab sweeps, so that none has to stay open for it. */
  #sweepIn(ms: number, store: HistoryStore): void {
    clearTimeout(this.#sweeping);
    this.#sweeping = setTimeout(async () => {
      // If this fails, the next visit sweeps.
      const { earliestLeft } = await store.sweep(Date.now() - restorableMs).catch(() => ({ earliestLeft: null }));
      if (earliestLeft !== null) this.#sweepIn(Math.max(0, earliestLeft + restorableMs - Date.now()), store);
    }, ms);
  }
}

/** The same with the settings that `keeper` keeps; those that a record of an earlier version lacks have their defaults. */
function keptBy<Kept extends Pick<QueuedRender, "request">>(keeper: Keeper, kept: Kept): Kept {
  const { request } = kept;
  return { ...kept, request: { ...request, settings: keptSettings(request.settings, keeper) } };
}

async function openHistory(): Promise<HistoryStore> {
  return IdbHistoryStore.open().catch(() => new MemoryHistoryStore());
}
