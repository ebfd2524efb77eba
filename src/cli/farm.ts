/** `zoetrope farm`: workers on a queue in Redis, and the commands of those who use them. */

import { join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { hasEnded, type JobEvent, type JobStatus } from "../farm/queue/job-queue.ts";
import { connect } from "../farm/redis/connect.ts";
import { RedisQueue } from "../farm/redis/redis-queue.ts";
import { openStore } from "../farm/store/open-store.ts";
import { SentFiles } from "../farm/store/sent-files.ts";
import { outputName } from "../jobs/output-name.ts";
import {
  type ChosenJobs,
  type FetchArguments,
  parseCancelArguments,
  parseFetchArguments,
  parseSubmitArguments,
  parseWatchArguments,
  parseWorkArguments,
} from "./farm-arguments.ts";
import { readFarmJobs, sendFiles } from "./farm-jobs.ts";
import { work } from "./farm-work.ts";
import { writeOut } from "./output.ts";

/** Writes a line of JSON, or one for people. */
type Print = (event: Readonly<Record<string, unknown>>, words: string) => void;

/** @returns how it ended: some of the jobs failed or are not there, or all went well */
export async function farmCommand(args: readonly string[], signal: AbortSignal): Promise<"done" | "failed"> {
  const [command, ...rest] = args;
  switch (command) {
    case "work":
      await work(parseWorkArguments(rest), signal);
      return "done";
    case "submit":
      return submit(rest);
    case "watch":
      return watch(rest, signal);
    case "cancel":
      return cancel(rest);
    case "fetch":
      return fetchClips(parseFetchArguments(rest));
    default:
      throw new ZoetropeError("arguments/farm", {
        message: command === undefined ? "Say what the farm should do." : `There is no command "farm ${command}".`,
        hint: "It takes work, submit, watch, cancel or fetch; zoetrope --help lists their options.",
      });
  }
}

async function submit(args: readonly string[]): Promise<"done"> {
  const { queue: url, results, batch, json } = parseSubmitArguments(args);
  const print = printer(json);
  const jobs = await readFarmJobs(batch);
  const store = results === null ? null : await openStore(results);
  const queue = new RedisQueue(await connect(url), store);
  try {
    const shelf = new Set((await queue.shelf()).map(({ id }) => id));
    const sentences = await sendFiles(jobs, shelf, store === null ? null : new SentFiles(store));
    for (const message of sentences) process.stderr.write(`${message}\n`);
    for (const job of jobs) {
      const { state } = await queue.submit(job);
      print({ event: "submitted", id: job.id, state }, job.id);
    }
  } finally {
    await queue.close();
  }
  return "done";
}

async function watch(args: readonly string[], signal: AbortSignal): Promise<"done" | "failed"> {
  const { queue: url, results, jobs, json } = parseWatchArguments(args);
  const print = printer(json);
  const queue = new RedisQueue(await connect(url), results === null ? null : await openStore(results));
  const ends: JobStatus[] = [];
  try {
    await Promise.all(
      (await idsOfJobs(jobs, queue)).map((id) =>
        follow(queue, id, signal, (event) => {
          // Previews are for the page.
          if (event.type === "preview") return;
          if (event.type === "status" && hasEnded(event.status)) ends.push(event.status);
          print({ event: event.type, id, ...withoutType(event) }, `${id.slice(0, 8)} ${words(event)}`);
        }),
      ),
    );
  } finally {
    await queue.close();
  }
  signal.throwIfAborted();
  return ends.every(({ state }) => state === "done") ? "done" : "failed";
}

function withoutType({ type: _, ...rest }: JobEvent): Readonly<Record<string, unknown>> {
  return rest;
}

async function cancel(args: readonly string[]): Promise<"done"> {
  const { queue: url, jobs, json } = parseCancelArguments(args);
  const print = printer(json);
  const queue = new RedisQueue(await connect(url), null);
  try {
    for (const id of await idsOfJobs(jobs, queue)) {
      const cancelled = await queue.cancel(id);
      print({ event: "cancelled", id, cancelled }, `${id} ${cancelled ? "is cancelled" : "has ended before"}`);
    }
  } finally {
    await queue.close();
  }
  return "done";
}

async function fetchClips({ results, jobs, out, json }: FetchArguments): Promise<"done" | "failed"> {
  const print = printer(json);
  const store = await openStore(results);
  let missing = 0;
  for (const { id, file } of await namedClips(jobs)) {
    const bytes = await store.get(id);
    if (bytes === null) {
      missing += 1;
      print({ event: "missing", id }, `${id} is not made yet`);
      continue;
    }
    const path = join(out, file);
    await writeOut(path, bytes);
    print({ event: "fetched", id, file: path }, path);
  }
  return missing === 0 ? "done" : "failed";
}

async function namedClips(jobs: FetchArguments["jobs"]): Promise<{ readonly id: string; readonly file: string }[]> {
  if (jobs.type === "ids") return jobs.ids.map((id) => ({ id, file: id }));
  const read = await readFarmJobs(jobs.batch);
  return read.map(({ id, batch }) => ({ id, file: outputName(jobs.batch.name, { ...batch, count: read.length }) }));
}

async function idsOfJobs(jobs: ChosenJobs, queue: RedisQueue): Promise<readonly string[]> {
  if (jobs.type === "ids") return jobs.ids;
  if (jobs.type === "lists") return (await readFarmJobs(jobs.batch)).map(({ id }) => id);
  return queue.unfinished();
}

/** Resolves when the job has ended, or when the person stops looking. */
function follow(queue: RedisQueue, id: string, signal: AbortSignal, report: (event: JobEvent) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const report_ = (event: JobEvent) => {
      report(event);
      if (event.type === "status" && hasEnded(event.status)) resolve();
    };
    queue
      .status(id)
      .then(async (status) => {
        if (status === null) throw unknown(id);
        const end = await queue.watch(id, report_);
        signal.addEventListener("abort", () => {
          end();
          resolve();
        });
      })
      .catch(reject);
  });
}

function unknown(id: string): ZoetropeError {
  return new ZoetropeError("farm/unknown-job", {
    message: `The queue has no job ${id}.`,
    hint: "Submit it first; with --results, clips that are made already count as done.",
  });
}

function words(event: Exclude<JobEvent, { readonly type: "preview" }>): string {
  switch (event.type) {
    case "status":
      return event.status.state === "failed" ? `failed: ${event.status.error.message}` : event.status.state;
    case "phase":
      return event.phase;
    case "progress":
      return `${event.phase} ${event.done} of ${event.total}`;
    case "notice":
      return event.message;
  }
}

function printer(json: boolean): Print {
  return (event, words) => process.stdout.write(`${json ? JSON.stringify(event) : words}\n`);
}
