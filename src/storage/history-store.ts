/**
 * Finished animations in IndexedDB: records in one store, the pictures they stand for in another, so that a list is read
 * without them. Both are written in one transaction: after a crash an animation is there as a whole or not at all.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { HistoryChange, KeptQueue, KeptRecord, QueuedRender } from "../protocol/history.ts";
import { translateStorageError } from "./storage-errors.ts";

/** One encoded picture. */
export type EncodedFrame = Uint8Array<ArrayBuffer>;

/** What was removed stays, marked, until it is swept away. */
interface StoredRecord extends KeptRecord {
  /** Milliseconds since 1970; absent: it was not. */
  readonly removedAt?: number;
}

export interface Swept {
  /** How many animations are gone for good. */
  readonly count: number;
  /** When the first of those was removed that are still marked; null: none is. */
  readonly earliestLeft: number | null;
}

export interface HistoryStore {
  /** Whether what is kept survives the tab. */
  readonly lasting: boolean;
  /** Newest first, without what was removed. */
  list(): Promise<readonly KeptRecord[]>;
  /** Throws `storage/full`; then nothing of it is left behind. */
  put(record: KeptRecord, frames: readonly EncodedFrame[]): Promise<void>;
  frames(id: string): Promise<readonly EncodedFrame[] | null>;
  /** Does nothing when there is no such record. */
  change(id: string, change: HistoryChange): Promise<void>;
  /** Marks them as removed at `now`, in milliseconds since 1970. */
  remove(ids: readonly string[], now: number): Promise<void>;
  /** Takes the marks away from what is still there. */
  restore(ids: readonly string[]): Promise<void>;
  /** Takes away for good what was removed at `until` or before. */
  sweep(until: number): Promise<Swept>;
  /** What each tab had still to make when it last kept it. */
  queues(): Promise<readonly KeptQueue[]>;
  /** An empty one is forgotten. */
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
      // Another tab runs a newer version of the page: it must not wait for this one.
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return new IdbHistoryStore(db);
  }

  async list(): Promise<readonly KeptRecord[]> {
    return (await this.#db.getAllFromIndex("records", "createdAt")).filter(isThere).reverse();
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
    const marked = (await change.objectStore("records").getAll()).filter((record) => !isThere(record));
    const { due, earliestLeft } = sweepable(marked, until);
    const deletions = due.flatMap((id) => [change.objectStore("records").delete(id), change.objectStore("frames").delete(id)]);
    await Promise.all([...deletions, change.done]);
    return { count: due.length, earliestLeft };
  }

  /** Read and written in one transaction: another tab may be changing the same. */
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

/** As long as the tab, and no more than a budget of the newest: for browsers that keep no database. */
export class MemoryHistoryStore implements HistoryStore {
  readonly lasting = false;
  readonly #kept = new Map<string, { record: StoredRecord; frames: readonly EncodedFrame[] }>();
  readonly #budgetBytes: number;

  constructor(budgetBytes = 256e6) {
    this.#budgetBytes = budgetBytes;
  }

  async list(): Promise<readonly KeptRecord[]> {
    return this.#records().filter(isThere).reverse();
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
      this.#records().filter((record) => !isThere(record)),
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

function isThere({ removedAt }: StoredRecord): boolean {
  return removedAt === undefined;
}

/** Of those that are marked: which are old enough to go, and when the first of the others was. */
function sweepable(marked: readonly StoredRecord[], until: number) {
  const due = marked.filter(({ removedAt = 0 }) => removedAt <= until).map(({ id }) => id);
  const left = marked.map(({ removedAt = 0 }) => removedAt).filter((at) => at > until);
  return { due, earliestLeft: left.length === 0 ? null : Math.min(...left) };
}
