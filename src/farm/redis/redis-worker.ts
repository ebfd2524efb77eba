/**
 * Takes jobs from Redis, one at a time, and renders them. Jobs are fetched by hand (docs.bullmq.io/patterns/manually-fetching-jobs),
 * because one card works for many queues and stays with the one whose models it has loaded.
 */

import { randomUUID } from "node:crypto";
import { type Job as BullJob, Queue, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { ZoetropeError } from "../../core/errors.ts";
import type { JobJson } from "../../jobs/parse-job.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { type FarmJob, readFarmJob } from "../farm-job.ts";
import type { ProgressEvent } from "../queue/job-queue.ts";
import type { BlobStore } from "../store/blob-store.ts";
import { another, channels, keys, PREFIX } from "./connect.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Renders one job at a time. */
export interface ClipRenderer {
  /** @throws the signal's reason when cancelled, within one call of the UNet; ZoetropeError */
  render(job: FarmJob, report: (event: ProgressEvent) => void, signal: AbortSignal): Promise<Uint8Array>;
}

export interface RedisWorkerOptions {
  readonly redis: Redis;
  readonly store: BlobStore;
  readonly renderer: ClipRenderer;
  readonly shelf: readonly ShelfItem[];
  /** A worker that has not been heard of for this long counts as lost, and others take its job over. */
  readonly takeoverMs: number;
  readonly log: (event: WorkerEvent) => void;
}

export type WorkerEvent =
  | { readonly type: "ready"; readonly models: number }
  | { readonly type: "taken"; readonly id: string; readonly queue: string }
  /** `made`: false when the clip was in the store already. */
  | { readonly type: "done"; readonly id: string; readonly made: boolean; readonly ms: number }
  | { readonly type: "cancelled"; readonly id: string }
  /** `final`: nobody will try again. */
  | { readonly type: "failed"; readonly id: string; readonly final: boolean; readonly message: string }
  /** The queue could not be asked; the worker tries again. */
  | { readonly type: "trouble"; readonly message: string };

/** A loaded model is left for another queue's jobs after this long, so that these do not wait for ever. */
const STAY_MS = 10 * 60_000;
/** Messages about new jobs can be lost, so the queues are also looked at this often. */
const IDLE_MS = 1000;
const REPORT_EVERY_MS = 500;
/** A job that outlives so many lost workers has probably killed them. */
const MOST_LOST_WORKERS = 10;

/** Has listeners ask for the job's state at once. */
const ENDED = { type: "ended" } as const;

const CANCELLED = Symbol("cancelled");
const LOST = Symbol("taken over by another worker");
const STOPPED = Symbol("the worker stops");

interface OpenQueue {
  readonly queue: Queue;
  readonly worker: Worker;
}

export class RedisWorker {
  readonly #options: RedisWorkerOptions;
  readonly #subscriptions: Subscriptions;
  readonly #open = new Map<string, OpenQueue>();
  /** The queue whose models are loaded, and since when it has been served. */
  #resident: { readonly name: string; readonly since: number } | null = null;
  #current: { readonly id: string; readonly controller: AbortController } | null = null;
  #stopped = false;
  #reportedAt = 0;
  #wake: () => void = () => undefined;

  constructor(options: RedisWorkerOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(another(options.redis));
  }

  /** Works until the signal; then gives the job in hand back to the queue. */
  async run(stop: AbortSignal): Promise<void> {
    const { redis, shelf, log } = this.#options;
    if (shelf.length > 0) await redis.hset(keys.shelf, Object.fromEntries(shelf.map((item) => [item.id, JSON.stringify(item)])));
    await this.#subscriptions.on(channels.added, () => this.#wake());
    await this.#subscriptions.on(channels.cancel, (id) => {
      if (this.#current?.id === id) this.#current.controller.abort(CANCELLED);
    });
    stop.addEventListener("abort", () => {
      this.#stopped = true;
      this.#current?.controller.abort(STOPPED);
      this.#wake();
    });
    log({ type: "ready", models: shelf.length });
    while (!stop.aborted) {
      const found = await this.#workOnce().catch((thrown: unknown) => {
        log({ type: "trouble", message: thrown instanceof Error ? thrown.message : String(thrown) });
        return false;
      });
      if (!found) await this.#idle(stop);
    }
    await this.#close();
  }

  /** @returns whether there was a job */
  async #workOnce(): Promise<boolean> {
    for (const name of await this.#order()) {
      const { worker } = await this.#queue(name);
      const token = randomUUID();
      const job = (await worker.getNextJob(token, { block: false })) as BullJob | undefined;
      if (job?.id === undefined) continue;
      if (this.#resident?.name !== name) this.#resident = { name, since: Date.now() };
      await this.#process(job, job.id, token, name);
      return true;
    }
    return false;
  }

  /** The queues that this worker has the models for: the loaded models' first, then by how long their next job has waited. */
  async #order(): Promise<string[]> {
    const { redis, shelf } = this.#options;
    const here = new Set(shelf.map(({ id }) => id));
    const names = (await redis.smembers(keys.queues)).filter((name) => name.split("+").every((id) => here.has(id)));
    if (names.length < 2) return names;
    const resident = this.#resident;
    if (resident !== null && names.includes(resident.name) && Date.now() - resident.since < STAY_MS) {
      const { queue } = await this.#queue(resident.name);
      if ((await queue.getWaitingCount()) > 0) return [resident.name];
    }
    const waiting = await Promise.all(
      names.map(async (name) => {
        const { queue } = await this.#queue(name);
        const [next] = await queue.getWaiting(0, 0);
        return { name, since: next?.timestamp ?? Number.POSITIVE_INFINITY };
      }),
    );
    return waiting.toSorted((a, b) => a.since - b.since).map(({ name }) => name);
  }

  async #process(job: BullJob, id: string, token: string, queue: string): Promise<void> {
    const { store, renderer, log, redis } = this.#options;
    const begun = performance.now();
    const controller = new AbortController();
    const { signal } = controller;
    this.#current = { id, controller };
    const heartbeat = setInterval(() => void this.#beat(job, token, controller), this.#options.takeoverMs / 3);
    log({ type: "taken", id, queue });
    try {
      if (this.#stopped) controller.abort(STOPPED);
      if ((await redis.exists(keys.cancelled(id))) > 0) controller.abort(CANCELLED);
      signal.throwIfAborted();
      let made = false;
      if (!(await store.has(id))) {
        const farmJob = { id, ...readFarmJob(job.data as JobJson) };
        const report = (event: ProgressEvent) => this.#report(job, event);
        made = await store.put(id, await renderer.render(farmJob, report, signal));
      }
      log({ type: "done", id, made, ms: Math.round(performance.now() - begun) });
      await settled(job.moveToCompleted({ made }, token, false));
    } catch (thrown) {
      await this.#giveUp(job, id, token, thrown, signal);
    } finally {
      clearInterval(heartbeat);
      this.#current = null;
      void redis.publish(channels.events(id), JSON.stringify(ENDED)).catch(() => undefined);
    }
  }

  async #giveUp(job: BullJob, id: string, token: string, thrown: unknown, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    if (signal.reason === LOST) return;
    if (signal.reason === STOPPED) return void (await settled(job.moveToWait(token)));
    if (signal.reason === CANCELLED) {
      log({ type: "cancelled", id });
      return void (await settled(job.moveToFailed(new UnrecoverableError("Cancelled."), token, false)));
    }
    const error = ZoetropeError.from(thrown);
    const message = `${error.message} ${error.hint}`.trim();
    const final = !mayPass(error) || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    log({ type: "failed", id, final, message });
    await settled(job.moveToFailed(final ? new UnrecoverableError(message) : new Error(message), token, false));
  }

  /** Renews the lock, and looks for a cancellation whose message was lost. */
  async #beat(job: BullJob, token: string, controller: AbortController): Promise<void> {
    const renewed = await job.extendLock(token, this.#options.takeoverMs).catch(() => null);
    if (renewed === 0) controller.abort(LOST);
    const cancelled = await this.#options.redis.exists(keys.cancelled(job.id!)).catch(() => 0);
    if (cancelled > 0) controller.abort(CANCELLED);
  }

  #report(job: BullJob, event: ProgressEvent): void {
    // A conversion has thousands of steps.
    if (event.type === "progress" && event.phase === "convert" && event.done < event.total) {
      if (performance.now() - this.#reportedAt < REPORT_EVERY_MS) return;
      this.#reportedAt = performance.now();
    }
    void this.#options.redis.publish(channels.events(job.id!), JSON.stringify(event)).catch(() => undefined);
    if (event.type === "progress" && event.phase === "denoise") {
      const percent = Math.round((100 * event.done) / Math.max(1, event.total));
      void job.updateProgress(percent).catch(() => undefined);
    }
  }

  async #queue(name: string): Promise<OpenQueue> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const { redis, takeoverMs } = this.#options;
    const queue = new Queue(name, { connection: redis, prefix: PREFIX });
    const worker = new Worker(name, null, {
      connection: redis,
      prefix: PREFIX,
      autorun: false,
      lockDuration: takeoverMs,
      stalledInterval: takeoverMs,
      maxStalledCount: MOST_LOST_WORKERS,
    });
    // Lost connections are mended by themselves.
    queue.on("error", () => undefined);
    worker.on("error", () => undefined);
    void worker.startStalledCheckTimer().catch(() => undefined);
    const opened = { queue, worker };
    this.#open.set(name, opened);
    return opened;
  }

  async #idle(stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #close(): Promise<void> {
    await this.#subscriptions.close();
    for (const { queue, worker } of this.#open.values()) {
      await worker.close(true);
      await queue.close();
    }
    this.#options.redis.disconnect();
  }
}

/** Another worker has taken the job over if the queue refuses; it settles the job. */
async function settled(move: Promise<unknown>): Promise<void> {
  await move.catch(() => undefined);
}

/** Whether the same job may go well at another time or on another machine. */
function mayPass({ code }: ZoetropeError): boolean {
  return code === "internal" || code.startsWith("device/") || code.startsWith("store/") || code === "farm/process-lost";
}
