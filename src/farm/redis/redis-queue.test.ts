/** The queue and its workers over a real Redis server, with renderers that make no pictures. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ZoetropeError } from "../../core/errors.ts";
import { parseJob } from "../../jobs/parse-job.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { type FarmJob, farmJob } from "../farm-job.ts";
import { hasEnded, type JobEvent, type JobStatus } from "../queue/job-queue.ts";
import type { BlobStore } from "../store/blob-store.ts";
import { FolderStore } from "../store/folder-store.ts";
import { idAlone } from "../testing/ids.ts";
import { type RedisServer, startRedis } from "../testing/redis-server.ts";
import type { ClipRenderer } from "../worker/clip-renderer.ts";
import { connect, hintFor } from "./connect.ts";
import { RedisQueue } from "./redis-queue.ts";
import { RedisWorker, type WorkerEvent } from "./redis-worker.ts";

const MINI = ["mini", "mini-motion"];
let server: RedisServer;
let folder: string;
let store: BlobStore;
let queue: RedisQueue;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-farm-"));
  store = new FolderStore(folder);
  const redis = await connect(server.url);
  await redis.flushall();
  queue = new RedisQueue(redis, store);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await queue.close();
  await rm(folder, { recursive: true, force: true });
});

const bytesOf = ({ job }: FarmJob) => new TextEncoder().encode(job.settings.prompt);
const atOnce: ClipRenderer = { render: async (job) => bytesOf(job) };
/** Renders until it is cancelled. */
const forEver: ClipRenderer = {
  render: (_job, report, signal) =>
    new Promise((_, reject) => {
      signal.throwIfAborted();
      report({ type: "progress", phase: "denoise", done: 1, total: 4 });
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
};

function clip(prompt: string, models: object = {}): Promise<FarmJob> {
  return farmJob(parseJob({ prompt, ...models }), "gif", idAlone);
}

async function startWorker(renderer: ClipRenderer, ids: readonly string[] = MINI): Promise<WorkerEvent[]> {
  const events: WorkerEvent[] = [];
  const stop = new AbortController();
  const shelf = ids.map((id) => ({ id }) as ShelfItem);
  const log = (event: WorkerEvent) => void events.push(event);
  const worker = new RedisWorker({ redis: await connect(server.url), store, renderer, shelf, takeoverMs: 500, log });
  const running = worker.run(stop.signal);
  stops.push(async () => {
    stop.abort();
    await running;
  });
  return events;
}

async function untilEnded(id: string, seen: JobEvent[] = []): Promise<JobStatus> {
  return new Promise((resolve) => {
    void queue.watch(id, (event) => {
      seen.push(event);
      if (event.type === "status" && hasEnded(event.status)) resolve(event.status);
    });
  });
}

it("a job that is submitted twice is made once, and its clip is in the store under its id", async () => {
  const job = await clip("a red heart");
  expect(await queue.submit(job)).toEqual({ state: "waiting" });
  expect(await queue.submit(job)).toEqual({ state: "waiting" });
  const events = await startWorker(atOnce);
  expect(await untilEnded(job.id)).toEqual({ state: "done" });
  expect(await queue.submit(job)).toEqual({ state: "done" });
  expect(new TextDecoder().decode((await store.get(job.id))!)).toBe("a red heart");
  expect(events.filter(({ type }) => type === "done")).toEqual([
    { type: "done", id: job.id, made: true, ms: expect.any(Number) },
  ]);
});

it("a clip that the store has already is not rendered", async () => {
  const job = await clip("made before");
  const other = new RedisQueue(await connect(server.url), null);
  await other.submit(job);
  await store.put(job.id, Uint8Array.of(1));
  const events = await startWorker(forEver);
  await expect.poll(() => events.at(-1)).toMatchObject({ type: "done", made: false });
  await other.close();
});

it("a waiting job is cancelled without a worker; one being rendered ends at once; either can be submitted again", async () => {
  const [waiting, active] = [await clip("waits"), await clip("renders")];
  await queue.submit(waiting);
  expect(await queue.cancel(waiting.id)).toBe(true);
  expect(await queue.status(waiting.id)).toEqual({ state: "cancelled" });
  await queue.submit(active);
  const events = await startWorker(forEver);
  await expect.poll(() => queue.status(active.id)).toEqual({ state: "active" });
  const ended = untilEnded(active.id);
  expect(await queue.cancel(active.id)).toBe(true);
  expect(await ended).toEqual({ state: "cancelled" });
  expect(await queue.cancel(active.id)).toBe(false);
  expect(events.map(({ type }) => type)).toEqual(["ready", "taken", "cancelled"]);
  expect(await queue.submit(waiting)).toEqual({ state: "waiting" });
  await expect.poll(() => queue.status(waiting.id)).toEqual({ state: "active" });
});

it("a job of a worker that is gone is taken over, and one that was cancelled meanwhile is not", async () => {
  const [kept, dropped] = [await clip("kept"), await clip("dropped")];
  // A worker that takes jobs and then neither renews its locks nor answers.
  for (const job of [kept, dropped]) {
    await queue.submit(job);
    const { Worker } = await import("bullmq");
    const gone = new Worker("mini+mini-motion", null, {
      connection: await connect(server.url),
      prefix: "zoetrope",
      autorun: false,
      lockDuration: 300,
    });
    expect((await gone.getNextJob("gone", { block: false })).id).toBe(job.id);
    await gone.close(true);
  }
  await queue.cancel(dropped.id);
  const events = await startWorker(atOnce);
  expect(await untilEnded(kept.id)).toEqual({ state: "done" });
  expect(await queue.status(dropped.id)).toEqual({ state: "cancelled" });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(events.filter(({ type }) => type === "done")).toHaveLength(1);
});

it("a lost process is tried again, a job at fault is not", async () => {
  const [lost, wrong] = [await clip("lost"), await clip("wrong")];
  let attempts = 0;
  const events = await startWorker({
    render: async (job) => {
      const { prompt } = job.job.settings;
      if (prompt === "wrong") throw new ZoetropeError("settings/steps", { message: "Steps must be at least 1." });
      attempts += 1;
      if (attempts === 1) throw new ZoetropeError("farm/process-lost", { message: "The process ended." });
      return bytesOf(job);
    },
  });
  await queue.submit(wrong);
  await queue.submit(lost);
  expect(await untilEnded(wrong.id)).toMatchObject({ state: "failed", error: { message: "Steps must be at least 1." } });
  expect(await untilEnded(lost.id)).toEqual({ state: "done" });
  expect(attempts).toBe(2);
  expect(events.filter(({ type }) => type === "failed")).toMatchObject([{ final: true }, { final: false }]);
});

it("a worker takes only jobs whose models it has, and gives the job in hand back when it stops", async () => {
  const [mini, robot] = [await clip("mini"), await clip("robot", { checkpoint: { id: "mini-robot" } })];
  await queue.submit(robot);
  await queue.submit(mini);
  await startWorker(forEver);
  await expect.poll(() => queue.status(mini.id)).toEqual({ state: "active" });
  await stops.shift()!();
  expect(await queue.status(mini.id)).toEqual({ state: "waiting" });
  expect(await queue.status(robot.id)).toEqual({ state: "waiting" });
  await startWorker(atOnce, ["mini-robot", ...MINI]);
  expect(await untilEnded(robot.id)).toEqual({ state: "done" });
  expect(await untilEnded(mini.id)).toEqual({ state: "done" });
});

it("a worker stays with the models that it has loaded", async () => {
  const robot = { checkpoint: { id: "mini-robot" } };
  const jobs = await Promise.all([clip("1"), clip("2", robot), clip("3"), clip("4", robot), clip("5")]);
  for (const job of jobs) await queue.submit(job);
  const events = await startWorker(atOnce, ["mini-robot", ...MINI]);
  await Promise.all(jobs.map(({ id }) => untilEnded(id)));
  const order = events.flatMap((event) => (event.type === "taken" ? [event.queue] : []));
  expect(order).toEqual([...Array(3).fill("mini+mini-motion"), ...Array(2).fill("mini-robot")]);
});

it("listeners get progress as it comes; a queue that does not answer is named", async () => {
  const job = await clip("watched");
  await queue.submit(job);
  const seen: JobEvent[] = [];
  const ended = untilEnded(job.id, seen);
  await startWorker(forEver);
  await expect.poll(() => seen).toContainEqual({ type: "progress", phase: "denoise", done: 1, total: 4 });
  await queue.cancel(job.id);
  await ended;
  await expect(connect("redis://127.0.0.1:1")).rejects.toMatchObject({ code: "queue/unreachable" });
});

it("a queue that wants a password says where to write it; certificates and TLS have hints of their own", async () => {
  const open = await connect(server.url);
  await open.config("SET", "requirepass", "s3cret");
  try {
    await expect(connect(server.url)).rejects.toMatchObject({ hint: expect.stringContaining(":PASSWORD@") });
    const known = await connect(server.url.replace("//", "//:s3cret@"));
    expect(await known.ping()).toBe("PONG");
    known.disconnect();
  } finally {
    await open.config("SET", "requirepass", "");
    open.disconnect();
  }
  expect(hintFor("self-signed certificate", "rediss://a")).toContain("NODE_EXTRA_CA_CERTS");
  expect(hintFor("write ECONNRESET", "redis://a")).toContain("rediss://");
  expect(hintFor("connect ECONNREFUSED", "redis://a")).toContain("Start Redis");
});
