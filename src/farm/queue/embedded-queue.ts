/** A queue in this process, for one machine without Redis. Jobs that wait are lost when it ends; clips that are made are not. */

import { type ErrorInfo, ZoetropeError } from "../../core/errors.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { type FarmJob, residentModels } from "../farm-job.ts";
import type { ClipRenderer } from "../redis/redis-worker.ts";
import type { BlobStore } from "../store/blob-store.ts";
import { hasEnded, type JobEvent, type JobQueue, type JobStatus } from "./job-queue.ts";

interface Entry {
  readonly job: FarmJob;
  status: JobStatus;
  readonly controller: AbortController;
  readonly listeners: Set<(event: JobEvent) => void>;
}

/** More would only hide that one machine does not get there. */
const MOST_WAITING = 1000;
/** Jobs that have ended are known for so many later ones. */
const MOST_KNOWN = 10_000;
const ATTEMPTS = 2;

export class EmbeddedQueue implements JobQueue {
  readonly #store: BlobStore;
  readonly #renderer: ClipRenderer;
  readonly #shelf: readonly ShelfItem[];
  /** In the order of their submission. */
  readonly #entries = new Map<string, Entry>();
  #resident = "";
  #working: Promise<void> | null = null;
  #closed = false;

  constructor(store: BlobStore, renderer: ClipRenderer, shelf: readonly ShelfItem[]) {
    this.#store = store;
    this.#renderer = renderer;
    this.#shelf = shelf;
  }

  /** @throws ZoetropeError `queue/full` */
  async submit(job: FarmJob): Promise<JobStatus> {
    const { id } = job;
    const before = await this.status(id);
    if (before !== null && (before.state === "done" || !hasEnded(before))) return before;
    if (this.#waiting().length >= MOST_WAITING) {
      throw new ZoetropeError("queue/full", {
        message: `${MOST_WAITING} jobs wait already.`,
        hint: "Try again when some of them are made.",
      });
    }
    this.#entries.delete(id);
    this.#entries.set(id, { job, status: { state: "waiting" }, controller: new AbortController(), listeners: new Set() });
    this.#forgetOld();
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
    return { state: "waiting" };
  }

  async status(id: string): Promise<JobStatus | null> {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.status.state !== "done") return entry.status;
    return (await this.#store.has(id)) ? { state: "done" } : null;
  }

  async cancel(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined || hasEnded(entry.status)) return false;
    const waited = entry.status.state === "waiting";
    entry.controller.abort();
    // A job that is being rendered ends when its renderer says so.
    if (waited) setStatus(entry, { state: "cancelled" });
    return true;
  }

  async watch(id: string, report: (event: JobEvent) => void): Promise<() => void> {
    const status = await this.status(id);
    if (status !== null) report({ type: "status", status });
    const entry = this.#entries.get(id);
    if (entry === undefined || status === null || hasEnded(status)) return () => undefined;
    entry.listeners.add(report);
    return () => entry.listeners.delete(report);
  }

  async shelf(): Promise<readonly ShelfItem[]> {
    return this.#shelf;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { controller } of this.#entries.values()) controller.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let next = this.#next(); next !== undefined && !this.#closed; next = this.#next()) await this.#process(next);
  }

  /** The oldest that needs the loaded models, else the oldest. */
  #next(): Entry | undefined {
    const waiting = this.#waiting();
    return waiting.find(({ job }) => residentModels(job.job).join("+") === this.#resident) ?? waiting[0];
  }

  async #process(entry: Entry): Promise<void> {
    const { job, controller } = entry;
    this.#resident = residentModels(job.job).join("+");
    setStatus(entry, { state: "active" });
    let error: ErrorInfo | null = null;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const bytes = await this.#renderer.render(job, (event) => tell(entry, event), controller.signal);
        await this.#store.put(job.id, bytes);
        return setStatus(entry, { state: "done" });
      } catch (thrown) {
        if (controller.signal.aborted) return setStatus(entry, { state: "cancelled" });
        error = ZoetropeError.from(thrown).toInfo();
        if (error.code !== "farm/process-lost") break;
      }
    }
    setStatus(entry, { state: "failed", error: error! });
  }

  #waiting(): Entry[] {
    return [...this.#entries.values()].filter(({ status }) => status.state === "waiting");
  }

  #forgetOld(): void {
    for (const [id, { status }] of this.#entries) {
      if (this.#entries.size <= MOST_KNOWN) return;
      if (hasEnded(status)) this.#entries.delete(id);
    }
  }
}

function setStatus(entry: Entry, status: JobStatus): void {
  entry.status = status;
  tell(entry, { type: "status", status });
  if (hasEnded(status)) entry.listeners.clear();
}

function tell({ listeners }: Entry, event: JobEvent): void {
  for (const listener of listeners) listener(event);
}
