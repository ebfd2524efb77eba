/** `zoetrope batch`: makes the clips of a list or a grid, one after another, over sessions that stay warm. */

import { extname, join } from "node:path";
import { type ErrorInfo, ZoetropeError } from "../core/errors.ts";
import { orderByModel } from "../jobs/order.ts";
import { outputName } from "../jobs/output-name.ts";
import { SESSION_BUDGET_BYTES } from "../runtime/engine/engine.ts";
import type { BatchArguments } from "./batch-arguments.ts";
import { type BatchJob, readJobs } from "./batch-jobs.ts";
import { BatchManifest, fold } from "./batch-manifest.ts";
import { renderArguments } from "./job-arguments.ts";
import { type RenderProgress, renderWith } from "./render.ts";
import { RenderTools } from "./render-tools.ts";
import { checkSheet, writeSheet } from "./sheet.ts";

/** Printed by `--json`, one a line. `job` is a clip's number in the list, from 1; files are paths below the folder of outputs. */
export type BatchEvent =
  | { readonly event: "begin"; readonly jobs: number; readonly out: string }
  | { readonly event: "skipped"; readonly job: number; readonly file: string; readonly hash: string }
  | { readonly event: "started"; readonly job: number; readonly file: string; readonly prompt: string }
  | { readonly event: "progress"; readonly job: number; readonly phase: string; readonly done: number; readonly total: number }
  | { readonly event: "notice"; readonly job: number; readonly message: string }
  | { readonly event: "made"; readonly job: number; readonly file: string; readonly hash: string; readonly seconds: number }
  | { readonly event: "failed"; readonly job: number; readonly error: ErrorInfo }
  | { readonly event: "sheet"; readonly file: string }
  | ({ readonly event: "end" } & BatchSummary);

export interface BatchSummary {
  readonly made: number;
  /** Done before, or the same clip as another of the list. */
  readonly skipped: number;
  readonly failed: number;
  /** Not begun, because the batch was stopped. */
  readonly left: number;
}

interface Planned extends BatchJob {
  readonly file: string;
  /** Numbers of the same clip's other jobs. */
  readonly twins: readonly number[];
}

/**
 * Stops between two runs of the UNet when the signal is aborted. The clip in hand is then left for the next time; nothing of it stays.
 * @throws ZoetropeError before anything is made, when a job cannot be made as it is written
 */
export async function runBatch(
  args: BatchArguments,
  signal: AbortSignal,
  report: (event: BatchEvent) => void,
): Promise<BatchSummary> {
  const jobs = await readJobs(args);
  checkSheet(args, jobs.length);
  const manifest = await BatchManifest.open(args.out);
  report({ event: "begin", jobs: jobs.length, out: args.out });
  const planned = await plan(jobs, args, manifest);
  const counts = { made: 0, skipped: 0, failed: 0, left: 0 };
  const skip = (job: number, file: string, hash: string) => {
    counts.skipped++;
    report({ event: "skipped", job: job + 1, file, hash });
  };
  const waiting: Planned[] = [];
  /** Files of the clips that are there, by their place in the list. */
  const files = new Map<number, string>();
  const keep = ({ index, twins }: Planned, file: string) => {
    for (const job of [index, ...twins]) files.set(job, file);
  };
  for (const each of planned) {
    const file = await manifest.done(each.hash, extname(args.name));
    if (file !== null) keep(each, file);
    if (file === null) waiting.push(each);
    else for (const job of [each.index, ...each.twins]) skip(job, file, each.hash);
  }
  const tools = new RenderTools(args, Math.max(SESSION_BUDGET_BYTES, process.availableMemory() / 2));
  try {
    for (const at of orderByModel(waiting.map(({ job }) => job))) {
      const each = waiting[at]!;
      const outcome = signal.aborted ? "left" : await make(each, { args, manifest, tools, signal, report });
      counts[outcome]++;
      if (outcome === "made") keep(each, each.file);
      if (outcome === "made") for (const job of each.twins) skip(job, each.file, each.hash);
      else counts[outcome] += each.twins.length;
    }
  } finally {
    await tools.dispose();
  }
  if (args.sheet !== null && files.size === jobs.length) {
    const inOrder = jobs.map(({ index }) => files.get(index)!);
    await writeSheet(args, inOrder, jobs[0]!.job);
    report({ event: "sheet", file: args.sheet });
  }
  report({ event: "end", ...counts });
  return counts;
}

/** Each clip once, with the name of its file. */
async function plan(jobs: readonly BatchJob[], { name }: BatchArguments, manifest: BatchManifest): Promise<Planned[]> {
  const byHash = new Map<string, BatchJob[]>();
  for (const job of jobs) byHash.set(job.hash, [...(byHash.get(job.hash) ?? []), job]);
  const taken = new Map<string, number>();
  const planned: Planned[] = [];
  for (const [first, ...twins] of byHash.values()) {
    const file = await manifest.freeName(outputName(name, { ...first!, count: jobs.length }), first!.hash);
    const other = taken.get(fold(file));
    if (other !== undefined) {
      throw new ZoetropeError("job/name", {
        message: `Jobs ${other + 1} and ${first!.index + 1} would both be named ${file}.`,
        hint: "Add {index} to --name, or what tells them apart.",
      });
    }
    taken.set(fold(file), first!.index);
    planned.push({ ...first!, file, twins: twins.map(({ index }) => index) });
  }
  return planned;
}

interface Making {
  readonly args: BatchArguments;
  readonly manifest: BatchManifest;
  readonly tools: RenderTools;
  readonly signal: AbortSignal;
  readonly report: (event: BatchEvent) => void;
}

async function make(planned: Planned, { args, manifest, tools, signal, report }: Making): Promise<"made" | "failed" | "left"> {
  const { index, job, hash, file, notices } = planned;
  const started = performance.now();
  const number = index + 1;
  report({ event: "started", job: number, file, prompt: job.settings.prompt });
  for (const message of notices) report({ event: "notice", job: number, message });
  try {
    const { backend, threads, cache } = args;
    const out = manifest.partial(file, hash);
    const run = { backend, threads, cache, out, dump: null, json: args.json };
    await renderWith(tools, await renderArguments(job, run), signal, (event) => report(progressOf(number, event)));
    await manifest.finish(file, hash);
  } catch (thrown) {
    if (signal.aborted) return "left";
    report({ event: "failed", job: number, error: ZoetropeError.from(thrown).toInfo() });
    return "failed";
  }
  report({ event: "made", job: number, file, hash, seconds: Math.round(performance.now() - started) / 1000 });
  return "made";
}

function progressOf(job: number, event: RenderProgress): BatchEvent {
  if (event.type === "notice") return { event: "notice", job, message: event.message };
  const { done, total } = event.type === "progress" ? event : { done: 0, total: 0 };
  return { event: "progress", job, phase: event.phase, done, total };
}

/** What a person reads of an event; null: nothing. */
export function batchLine(event: BatchEvent, out: string): string | null {
  switch (event.event) {
    case "begin":
      return `${event.jobs} ${event.jobs === 1 ? "clip" : "clips"}`;
    case "skipped":
      return `${event.job}: ${join(out, event.file)} is there`;
    case "sheet":
      return `${event.file}: all of them as one`;
    case "made":
      return `${event.job}: ${join(out, event.file)}, ${event.seconds.toFixed(1)} s`;
    case "failed":
      return `${event.job} failed: ${`${event.error.message} ${event.error.hint}`.trim()}`;
    case "notice":
      return `${event.job}: ${event.message}`;
    case "end": {
      const { made, skipped, failed, left } = event;
      const rest = left > 0 ? ` Stopped with ${left} left; the same command goes on.` : "";
      return `${made} made, ${skipped} there before, ${failed} failed.${rest}`;
    }
    default:
      return null;
  }
}
