/**
 * The training that is under way, kept in IndexedDB so that it outlives a closed tab. One transaction writes the state with its losses,
 * so that a crash leaves a state that fits them.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { KeptTraining, TrainingPlan, TrainingSample } from "../protocol/training.ts";
import { translateStorageError } from "./storage-errors.ts";

/** What a training needs to go on. */
export interface StoredProgress {
  /** Steps made. */
  readonly step: number;
  /** One for each step made. */
  readonly losses: readonly number[];
  /** The state's file; its reader defines it. */
  readonly state: Uint8Array<ArrayBuffer>;
  /** What was learned, as a file: a LoRA, or a tuned clip, which may lack its noise. */
  readonly lora: Uint8Array<ArrayBuffer>;
}

/** A sample with the file that made it. */
export interface StoredSample extends TrainingSample {
  readonly lora: Uint8Array<ArrayBuffer>;
}

/** Writing throws `storage/full`, and then changes nothing. */
export interface TrainingStore {
  /** Replaces the training that is kept by one without steps. */
  begin(plan: TrainingPlan): Promise<void>;
  /** null: none is kept. */
  kept(): Promise<KeptTraining | null>;
  /** null: no steps are kept. */
  progress(): Promise<StoredProgress | null>;
  keepProgress(progress: StoredProgress): Promise<void>;
  keepSample(sample: StoredSample): Promise<void>;
  /** null: there is no such sample. */
  sampleLora(step: number): Promise<Uint8Array<ArrayBuffer> | null>;
  clear(): Promise<void>;
}

interface TrainingSchema extends DBSchema {
  plan: { key: "plan"; value: TrainingPlan };
  progress: { key: "progress"; value: StoredProgress };
  /** By step. */
  samples: { key: number; value: TrainingSample };
  loras: { key: number; value: Uint8Array<ArrayBuffer> };
}

const DATABASE = "zoetrope-training";
const VERSION = 1;
const STORES = ["plan", "progress", "samples", "loras"] as const;

/** Opens the database; where the browser keeps none (some private windows), the training lasts as long as the tab. */
export function openTrainingStore(): Promise<TrainingStore> {
  return IdbTrainingStore.open().catch(() => new MemoryTrainingStore());
}

export class IdbTrainingStore implements TrainingStore {
  readonly #db: IDBPDatabase<TrainingSchema>;

  private constructor(db: IDBPDatabase<TrainingSchema>) {
    this.#db = db;
  }

  static async open(): Promise<IdbTrainingStore> {
    const db = await openDB<TrainingSchema>(DATABASE, VERSION, {
      upgrade(created) {
        for (const name of STORES) created.createObjectStore(name);
      },
      // A tab with a newer version of the page must not wait for this one to upgrade the database.
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return new IdbTrainingStore(db);
  }

  begin(plan: TrainingPlan): Promise<void> {
    return translated(async () => {
      const change = this.#db.transaction(STORES, "readwrite", { durability: "strict" });
      const clearing = STORES.map((name) => change.objectStore(name).clear());
      await Promise.all([...clearing, change.objectStore("plan").put(plan, "plan"), change.done]);
    });
  }

  async kept(): Promise<KeptTraining | null> {
    const read = this.#db.transaction(["plan", "progress", "samples"]);
    const [plan, progress, samples] = await Promise.all([
      read.objectStore("plan").get("plan"),
      read.objectStore("progress").get("progress"),
      read.objectStore("samples").getAll(),
    ]);
    return plan === undefined ? null : keptTraining(plan, progress ?? null, samples);
  }

  async progress(): Promise<StoredProgress | null> {
    return (await this.#db.get("progress", "progress")) ?? null;
  }

  keepProgress(progress: StoredProgress): Promise<void> {
    return translated(async () => {
      await this.#db.put("progress", progress, "progress");
    });
  }

  keepSample({ lora, ...sample }: StoredSample): Promise<void> {
    return translated(async () => {
      const change = this.#db.transaction(["samples", "loras"], "readwrite", { durability: "strict" });
      const { step } = sample;
      await Promise.all([
        change.objectStore("samples").put(sample, step),
        change.objectStore("loras").put(lora, step),
        change.done,
      ]);
    });
  }

  async sampleLora(step: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return (await this.#db.get("loras", step)) ?? null;
  }

  async clear(): Promise<void> {
    const change = this.#db.transaction(STORES, "readwrite");
    await Promise.all([...STORES.map((name) => change.objectStore(name).clear()), change.done]);
  }
}

async function translated(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (thrown) {
    throw translateStorageError(thrown);
  }
}

/** Keeps the training as long as the tab. */
export class MemoryTrainingStore implements TrainingStore {
  #plan: TrainingPlan | null = null;
  #progress: StoredProgress | null = null;
  readonly #samples = new Map<number, StoredSample>();

  async begin(plan: TrainingPlan): Promise<void> {
    await this.clear();
    this.#plan = plan;
  }

  async kept(): Promise<KeptTraining | null> {
    const samples = [...this.#samples.values()].map(({ lora, ...sample }) => sample);
    return this.#plan === null ? null : keptTraining(this.#plan, this.#progress, samples);
  }

  async progress(): Promise<StoredProgress | null> {
    return this.#progress;
  }

  async keepProgress(progress: StoredProgress): Promise<void> {
    this.#progress = progress;
  }

  async keepSample(sample: StoredSample): Promise<void> {
    this.#samples.set(sample.step, sample);
  }

  async sampleLora(step: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#samples.get(step)?.lora ?? null;
  }

  async clear(): Promise<void> {
    this.#plan = null;
    this.#progress = null;
    this.#samples.clear();
  }
}

/** Samples of steps after the last kept state are left out: the training that goes on makes them again. */
function keptTraining(plan: TrainingPlan, progress: StoredProgress | null, samples: readonly TrainingSample[]): KeptTraining {
  const { step, losses } = progress ?? { step: 0, losses: [] };
  return { plan, step, losses, samples: samples.filter((sample) => sample.step <= step).toSorted((a, b) => a.step - b.step) };
}
