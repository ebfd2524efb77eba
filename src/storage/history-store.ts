/**
 * Finished animations in IndexedDB. Records and frames have separate object stores, so that listing reads no frames. One
 * transaction writes both, so that a crash leaves an animation either whole or absent.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { HistoryChange, KeptQueue, KeptRecord, QueuedRender } from "../protocol/history.ts";
import { translateStorageError } from "./storage-errors.ts";

/** One encoded picture. */
export type EncodedFrame = Uint8Array<ArrayBuffer>;

/** A removed record stays, marked, until a sweep deletes it. */
interface StoredRecord extends KeptRecord {
  /** The time of its removal in milliseconds since 1970; absent: it was not removed. */
  readonly removedAt?: number;
}

export interface Swept {
  /** The number of animations that were deleted. */
  readonly count: number;
  /** The earliest removal among the records that are still marked; null: none is marked. */
  readonly earliestLeft: number | null;
}

export interface HistoryStore {
  /** Whether animations outlive the tab. */
  readonly lasting: boolean;
  /** Newest first, without removed records. */
  list(): Promise<readonly KeptRecord[]>;
  /** Throws `storage/full`, and then stores nothing. */
  put(record: KeptRecord, frames: readonly EncodedFrame[]): Promise<void>;
  frames(id: string): Promise<readonly EncodedFrame[] | null>;
  /** Does nothing when there is no such record. */
  change(id: string, change: HistoryChange): Promise<void>;
  /** Marks them as removed at `now`, in milliseconds since 1970. */
  remove(ids: readonly string[], now: number): Promise<void>;
  /** Unmarks the records that a sweep has not deleted yet. */
  restore(ids: readonly string[]): Promise<void>;
  /** Deletes the records that were removed at `until` or before. */
  sweep(until: number): Promise<Swept>;
  /** The queue of each tab as the tab last stored it. */
  queues(): Promise<readonly KeptQueue[]>;
  /** Replaces the queue of a tab; an empty queue is deleted. */
  keepQueue(tab: string, renders: readonly QueuedRender[]): Promise<void>;
}

interface HistorySchema extends DBSchema {
  records: { key: string; value: StoredRecord; indexes: { createdAt: number } };
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
      // A tab with a newer version of the page must not wait for this one to upgrade the database.
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return new IdbHistoryStore(db);
  }

  async list(): Promise<readonly KeptRecord[]> {
    return (await this.#db.getAllFromIndex("records", "createdAt")).filter(isListed).reverse();
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

  change(id: string, change: HistoryChange): Promise<void> {
    return this.#rewrite([id], (record) => ({ ...record, ...change }));
  }

  remove(ids: readonly string[], now: number): Promise<void> {
    return this.#rewrite(ids, (record) => ({ ...record, removedAt: now }));
  }

  restore(ids: readonly string[]): Promise<void> {
    return this.#rewrite(ids, ({ removedAt, ...record }) => record);
  }

  async sweep(until: number): Promise<Swept> {
    const change = this.#db.transaction(["records", "frames"], "readwrite");
    const marked = (await change.objectStore("records").getAll()).filter((record) => !isListed(record));
    const { due, earliestLeft } = sweepable(marked, until);
    const deletions = due.flatMap((id) => [change.objectStore("records").delete(id), change.objectStore("frames").delete(id)]);
    await Promise.all([...deletions, change.done]);
    return { count: due.length, earliestLeft };
  }

  /** One transaction reads and writes, because another tab may be changing the same record. */
  async #rewrite(ids: readonly string[], rewritten: (record: StoredRecord) => StoredRecord): Promise<void> {
    const change = this.#db.transaction("records", "readwrite");
    const each = ids.map(async (id) => {
      const record = await change.store.get(id);
      if (record !== undefined) await change.store.put(rewritten(record));
    });
    await Promise.all([...each, change.done]);
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

/** For browsers that keep no database: the newest animations within a budget, as long as the tab lasts. */
export class MemoryHistoryStore implements HistoryStore {
  readonly lasting = false;
  readonly #kept = new Map<string, { record: StoredRecord; frames: readonly EncodedFrame[] }>();
  readonly #budgetBytes: number;

  constructor(budgetBytes = 256e6) {
    this.#budgetBytes = budgetBytes;
  }

  async list(): Promise<readonly KeptRecord[]> {
    return this.#records().filter(isListed).reverse();
  }

  async put(record: KeptRecord, frames: readonly EncodedFrame[]): Promise<void> {
    this.#kept.set(record.id, { record, frames });
    let bytes = this.#records().reduce((sum, kept) => sum + kept.bytes, 0);
    for (const [id, kept] of this.#kept) {
      if (bytes <= this.#budgetBytes || this.#kept.size === 1) break;
      this.#kept.delete(id);
      bytes -= kept.record.bytes;
    }
  }

  async frames(id: string): Promise<readonly EncodedFrame[] | null> {
    return this.#kept.get(id)?.frames ?? null;
  }

  async change(id: string, change: HistoryChange): Promise<void> {
    this.#rewrite([id], (record) => ({ ...record, ...change }));
  }

  async remove(ids: readonly string[], now: number): Promise<void> {
    this.#rewrite(ids, (record) => ({ ...record, removedAt: now }));
  }

  async restore(ids: readonly string[]): Promise<void> {
    this.#rewrite(ids, ({ removedAt, ...record }) => record);
  }

  async sweep(until: number): Promise<Swept> {
    const { due, earliestLeft } = sweepable(
      this.#records().filter((record) => !isListed(record)),
      until,
    );
    for (const id of due) this.#kept.delete(id);
    return { count: due.length, earliestLeft };
  }

  async queues(): Promise<readonly KeptQueue[]> {
    return [];
  }

  async keepQueue(): Promise<void> {}

  #records(): StoredRecord[] {
    return [...this.#kept.values()].map(({ record }) => record);
  }

  #rewrite(ids: readonly string[], rewritten: (record: StoredRecord) => StoredRecord): void {
    for (const id of ids) {
      const kept = this.#kept.get(id);
      if (kept !== undefined) this.#kept.set(id, { ...kept, record: rewritten(kept.record) });
    }
  }
}

function isListed({ removedAt }: StoredRecord): boolean {
  return removedAt === undefined;
}

/** The ids of the marked records that are old enough to delete, and the earliest removal among the others. */
function sweepable(marked: readonly StoredRecord[], until: number) {
  const due = marked.filter(({ removedAt = 0 }) => removedAt <= until).map(({ id }) => id);
  const left = marked.map(({ removedAt = 0 }) => removedAt).filter((at) => at > until);
  return { due, earliestLeft: left.length === 0 ? null : Math.min(...left) };
}
