/** The queue in Redis, as those see it who submit jobs. BullMQ keeps one queue for each set of models. */

import { type Job as BullJob, Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { ShelfItem } from "../../protocol/engine.ts";
import { type FarmJob, residentModels, writeFarmJob } from "../farm-job.ts";
import { hasEnded, type JobEvent, type JobQueue, type JobStatus, type ProgressEvent } from "../queue/job-queue.ts";
import type { BlobStore } from "../store/blob-store.ts";
import { another, CANCELLED_FOR_S, channels, keys, PREFIX } from "./connect.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Attempts of a job whose process or card was lost; the waits between them double. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 2000;
/** The list of finished jobs serves people who look; the clips themselves are in the store. */
const KEEP_DONE = { age: 7 * 24 * 3600, count: 10_000 };
const KEEP_FAILED = { age: 30 * 24 * 3600 };
const POLL_MS = 1000;

/** "mini+mini-motion" */
export function queueName(job: FarmJob): string {
  return residentModels(job.job).join("+");
}

export class RedisQueue implements JobQueue {
  readonly #redis: Redis;
  readonly #store: BlobStore | null;
  readonly #queues = new Map<string, Queue>();
  readonly #subscriptions: Subscriptions;

  /** @param store tells that a clip is made even when Redis has forgotten its job; null: Redis alone is asked */
  constructor(redis: Redis, store: BlobStore | null) {
    this.#redis = redis;
    this.#store = store;
    this.#subscriptions = new Subscriptions(another(redis));
  }

  async submit(job: FarmJob): Promise<JobStatus> {
    const { id } = job;
    const before = await this.status(id);
    if (before !== null && (before.state === "done" || !hasEnded(before))) return before;
    const name = queueName(job);
    const queue = this.queue(name);
    // What is left of an earlier attempt would keep BullMQ from adding the job.
    await (await this.#find(id))?.remove();
    await this.#redis.del(keys.cancelled(id));
    await this.#redis.hset(keys.queueOf, id, name);
    await this.#redis.sadd(keys.queues, name);
    await queue.add(titleOf(job), writeFarmJob(job), {
      jobId: id,
      attempts: ATTEMPTS,
      backoff: { type: "exponential", delay: FIRST_WAIT_MS },
      removeOnComplete: KEEP_DONE,
      removeOnFail: KEEP_FAILED,
    });
    await this.#redis.publish(channels.added, name);
    return { state: "waiting" };
  }

  async status(id: string): Promise<JobStatus | null> {
    if (await this.#store?.has(id)) return { state: "done" };
    const job = await this.#find(id);
    const state = (await job?.getState()) ?? "unknown";
    if (state === "completed") return this.#store === null ? { state: "done" } : null;
    if ((await this.#redis.exists(keys.cancelled(id))) > 0) return { state: "cancelled" };
    if (state === "failed") return { state, error: { code: "farm/job-failed", message: job!.failedReason, hint: "" } };
    if (state === "unknown") return null;
    return { state: state === "active" ? "active" : "waiting" };
  }

  async cancel(id: string): Promise<boolean> {
    const status = await this.status(id);
    if (status === null || hasEnded(status)) return false;
    // Before the removal, so that a worker that takes the job in between sees it.
    await this.#redis.set(keys.cancelled(id), "1", "EX", CANCELLED_FOR_S);
    const removed = await (await this.#find(id))?.remove().then(
      () => true,
      // A job that a worker holds cannot be removed; the worker ends it.
      () => false,
    );
    if (removed !== true) await this.#redis.publish(channels.cancel, id);
    return true;
  }

  async watch(id: string, report: (event: JobEvent) => void): Promise<() => void> {
    let last = "";
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      void stop();
    };
    // Messages that a listener misses are lost in Redis, so the end of a job is asked for.
    const poll = async () => {
      const status = await this.status(id);
      const words = JSON.stringify(status);
      if (ended || status === null || words === last) return;
      last = words;
      report({ type: "status", status });
      if (hasEnded(status)) end();
    };
    const stop = await this.#subscriptions.on(channels.events(id), (message) => {
      const event = JSON.parse(message) as ProgressEvent | { readonly type: "ended" };
      if (event.type === "ended") void poll().catch(() => undefined);
      else if (!ended) report(event);
    });
    const timer = setInterval(() => void poll().catch(() => undefined), POLL_MS);
    await poll();
    return end;
  }

  async shelf(): Promise<readonly ShelfItem[]> {
    return Object.values(await this.#redis.hgetall(keys.shelf)).map((json) => JSON.parse(json) as ShelfItem);
  }

  async close(): Promise<void> {
    await this.#subscriptions.close();
    for (const queue of this.#queues.values()) await queue.close();
    this.#redis.disconnect();
  }

  /** BullMQ's queue of that name. */
  queue(name: string): Queue {
    const known = this.#queues.get(name) ?? new Queue(name, { connection: this.#redis, prefix: PREFIX });
    if (!this.#queues.has(name)) known.on("error", () => undefined);
    this.#queues.set(name, known);
    return known;
  }

  /** All queues that ever had a job. */
  async queues(): Promise<readonly Queue[]> {
    return (await this.#redis.smembers(keys.queues)).sort().map((name) => this.queue(name));
  }

  /** Ids of the jobs that wait or are being rendered. */
  async unfinished(): Promise<readonly string[]> {
    const jobs = await Promise.all((await this.queues()).map((queue) => queue.getJobs(["active", "waiting", "delayed"])));
    return jobs.flat().flatMap(({ id }) => id ?? []);
  }

  async #find(id: string): Promise<BullJob | undefined> {
    const name = await this.#redis.hget(keys.queueOf, id);
    return name === null ? undefined : this.queue(name).getJob(id);
  }
}

/** For people who look at the queue. */
function titleOf({ job: { name, settings } }: FarmJob): string {
  return (name ?? settings.prompt).slice(0, 80) || "clip";
}
