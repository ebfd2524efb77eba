/** The history behind the page: what the history worker exposes. Pictures are kept as PNG files. */
import { framePng, pngFrame, smaller } from "../../media/png/frame-png.ts";
import type { FramePixels, HistoryApi, HistoryRecord, KeptQueue, KeptRecord, QueuedRender } from "../../protocol/history.ts";
import { type HistoryStore, IdbHistoryStore, MemoryHistoryStore } from "../../storage/history-store.ts";

/** Longest side of a thumbnail in pixels. */
const thumbnailSide = 192;

export class HistoryService implements HistoryApi {
  readonly #open: () => Promise<HistoryStore>;
  #store: Promise<HistoryStore> | null = null;
  /** Frames of animations that are about to be kept, and a small picture of the first, as PNG files. */
  readonly #coming = new Map<
    string,
    { readonly thumbnail: Uint8Array<ArrayBuffer>; readonly frames: Uint8Array<ArrayBuffer>[] }
  >();

  constructor(open: () => Promise<HistoryStore> = openHistory) {
    this.#open = open;
  }

  async list() {
    const store = await this.#opened();
    return { records: await store.list(), lasting: store.lasting };
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
    const kept = { ...record, bytes, thumbnail };
    await (await this.#opened()).put(kept, frames);
    return kept;
  }

  async frames(id: string): Promise<readonly FramePixels[] | null> {
    const encoded = await (await this.#opened()).frames(id);
    return encoded?.map(pngFrame) ?? null;
  }

  async setFavourite(id: string, favourite: boolean): Promise<void> {
    await (await this.#opened()).setFavourite(id, favourite);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await (await this.#opened()).remove(ids);
  }

  async queues(): Promise<readonly KeptQueue[]> {
    return (await this.#opened()).queues();
  }

  async keepQueue(tab: string, renders: readonly QueuedRender[]): Promise<void> {
    await (await this.#opened()).keepQueue(tab, renders);
  }

  #opened(): Promise<HistoryStore> {
    this.#store ??= this.#open();
    return this.#store;
  }
}

async function openHistory(): Promise<HistoryStore> {
  return IdbHistoryStore.open().catch(() => new MemoryHistoryStore());
}
