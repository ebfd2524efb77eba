/**
 * Finished animations in IndexedDB: records in one store, the pictures they stand for in another, so that a list is read
 * without them. Both are written in one transaction: after a crash an animation is there as a whole or not at all.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { KeptQueue, KeptRecord, QueuedRender } from "../protocol/history.ts";
import { translateStorageError } from "./storage-errors.ts";

/** One encoded picture. */
export type EncodedFrame = Uint8Array<ArrayBuffer>;

export interface HistoryStore {
  /** Whether what is kept survives the tab. */
  readonly lasting: boolean;
  /** Newest first. */
  list(): Promise<readonly KeptRecord[]>;
  /** Throws `storage/full`; then nothing of it is left behind. */
  put(record: KeptRecord, frames: readonly EncodedFrame[]): Promise<void>;
  frames(id: string): Promise<readonly EncodedFrame[] | null>;
  /** Does nothing when there is no such record. */
  setFavourite(id: string, favourite: boolean): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** What each tab had still to make when it last kept it. */
  queues(): Promise<readonly KeptQueue[]>;
  /** An empty one is forgotten. */
  keepQueue(tab: string, renders: readonly QueuedRender[]): Promise<void>;
}

interface HistorySchema extends DBSchema {
  records: { key: string; value: KeptRecord; indexes: { createdAt: number } };
  frames: { key: string; value: readonly EncodedFrame[] };
  /** By tab. */
  queue: { key: string; value: readonly QueuedRender[] };
}

const DATABASE = "zoetrope-history";
const VERSION = 1;

export class IdbHistoryStore implements HistoryStore {
  readonly lasting = true;
  readonly #db: IDBPDatabase<HistorySchema>;

  private constructor(db: IDBPDatabase<HistorySchema>) {
    this.#db = db;
  }

  /** Rejects where the browser keeps no database (some private windows). */
  static async open(): Promise<IdbHistoryStore> {
    const db = await openDB<HistorySchema>(DATABASE, VERSION, {
      upgrade(created) {
        created.createObjectStore("records", { keyPath: "id" }).createIndex("createdAt", "createdAt");
        created.createObjectStore("frames");
        created.createObjectStore("queue");
      },
      // Another tab runs a newer version of the page: it must not wait for this one.
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return new IdbHistoryStore(db);
  }

  async list(): Promise<readonly KeptRecord[]> {
    return (await this.#db.getAllFromIndex("records", "createdAt")).reverse();
  }

  async put(record: KeptRecord, frames: readonly EncodedFrame[]): Promise<void> {
    try {
      const change = this.#db.transaction(["records", "frames"], "readwrite", { durability: "strict" });
      await Promise.all([
        change.objectStore("records").put(record),
        change.objectStore("frames").put(frames, record.id),
        change.done,
      ]);
    } catch (thrown) {
      throw translateStorageError(thrown);
    }
  }

  async frames(id: string): Promise<readonly EncodedFrame[] | null> {
    return (await this.#db.get("frames", id)) ?? null;
  }

  async setFavourite(id: string, favourite: boolean): Promise<void> {
    const change = this.#db.transaction("records", "readwrite");
    const record = await change.store.get(id);
    if (record !== undefined) await change.store.put({ ...record, favourite });
    await change.done;
  }

  async remove(ids: readonly string[]): Promise<void> {
    const change = this.#db.transaction(["records", "frames"], "readwrite");
    const deletions = ids.flatMap((id) => [change.objectStore("records").delete(id), change.objectStore("frames").delete(id)]);
    await Promise.all([...deletions, change.done]);
  }

  async queues(): Promise<readonly KeptQueue[]> {
    const { store } = this.#db.transaction("queue");
    const [tabs, queues] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return tabs.map((tab, i) => ({ tab, renders: queues[i]! }));
  }

  async keepQueue(tab: string, renders: readonly QueuedRender[]): Promise<void> {
    if (renders.length === 0) await this.#db.delete("queue", tab);
    else await this.#db.put("queue", renders, tab);
  }
}

/** As long as the tab, and no more than a budget of the newest: for browsers that keep no database. */
export class MemoryHistoryStore implements HistoryStore {
  readonly lasting = false;
  readonly #kept = new Map<string, { record: KeptRecord; frames: readonly EncodedFrame[] }>();
  readonly #budgetBytes: number;

  constructor(budgetBytes = 256e6) {
    this.#budgetBytes = budgetBytes;
  }

  async list(): Promise<readonly KeptRecord[]> {
    return [...this.#kept.values()].map(({ record }) => record).reverse();
  }

  async put(record: KeptRecord, frames: readonly EncodedFrame[]): Promise<void> {
    this.#kept.set(record.id, { record, frames });
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + kept.record.bytes, 0);
    for (const [id, kept] of this.#kept) {
      if (bytes <= this.#budgetBytes || this.#kept.size === 1) break;
      this.#kept.delete(id);
      bytes -= kept.record.bytes;
    }
  }

  async frames(id: string): Promise<readonly EncodedFrame[] | null> {
    return this.#kept.get(id)?.frames ?? null;
  }

  async setFavourite(id: string, favourite: boolean): Promise<void> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) this.#kept.set(id, { ...kept, record: { ...kept.record, favourite } });
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#kept.delete(id);
  }

  async queues(): Promise<readonly KeptQueue[]> {
    return [];
  }

  async keepQueue(): Promise<void> {}
}
