/** The jobs of a batch: read from its lists, crossed with its grid, checked, and named by their contents. */

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { expandGrid } from "../jobs/grid.ts";
import type { Job } from "../jobs/job.ts";
import { jobHash } from "../jobs/job-hash.ts";
import { at, type JobJson, parseJob, parseObject, withNames } from "../jobs/parse-job.ts";
import { isPromptTravel, promptTravelJobs, type ReadJob } from "../jobs/prompt-travel.ts";
import { ContentIds } from "../runtime/node/content-id.ts";
import type { BatchArguments } from "./batch-arguments.ts";
import { contentIdOf, loraByName, withLorasOf } from "./job-arguments.ts";
import { parametersJob } from "./parameters-job.ts";

export interface BatchJob {
  /** Its number in the list, from 0. */
  readonly index: number;
  readonly job: Job;
  readonly hash: string;
  /** Sentences on what its source says and nothing here uses. */
  readonly notices: readonly string[];
}

interface Draft extends ReadJob {
  /** Where it was written, for the messages about it. */
  readonly place: string;
}

/** @throws ZoetropeError for the first job that cannot be made as it is written, or whose files are missing */
export async function readJobs(args: BatchArguments): Promise<BatchJob[]> {
  const alone: Draft = { json: args.shared, place: "", notices: [] };
  const drafts = args.lists.length === 0 ? [alone] : (await Promise.all(args.lists.map((list) => readList(list, args)))).flat();
  const find = (name: string) => loraByName(args.loraDir, name);
  const crossed = drafts.flatMap(({ json, place, notices }) =>
    expandGrid([json], args.grid, find).map(({ json, at }) => ({ json, place: [place, at].filter(Boolean).join(", "), notices })),
  );
  const ids = new ContentIds();
  const jobs: BatchJob[] = [];
  for (const [index, { json, place, notices }] of crossed.entries()) {
    const job = withLorasOf(
      args.loraDir,
      placed(place, () => parseJob(json)),
    );
    const hash = await jobHash(job, (ref) => contentIdOf(ref, ids)).catch((cause: unknown) =>
      placed(place, () => {
        throw cause;
      }),
    );
    jobs.push({ index, job, hash, notices });
  }
  return jobs;
}

async function readList(path: string, { shared, loraDir }: BatchArguments): Promise<Draft[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ZoetropeError("file/not-found", {
      message: `${path} could not be opened.`,
      hint: "Check the path of the list.",
      cause,
    });
  });
  const name = basename(path);
  if (/\.(jsonl|ndjson)$/i.test(path)) return readLines(name, text, shared);
  if (/\.json$/i.test(path)) return readJson(name, text, shared);
  if (/\.txt$/i.test(path)) return [{ ...placed(name, () => parametersJob(text, shared, loraDir)), place: name }];
  throw new ZoetropeError("job/list", {
    message: `${path} is no list of jobs.`,
    hint: 'Give a .jsonl (one job a line), a .json (a job, or prompt travel of animatediff-cli) or a .txt ("parameters" text).',
  });
}

/** Empty lines, and those that begin with #, are passed over. */
function readLines(name: string, text: string, shared: JobJson): Draft[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "" || line.trimStart().startsWith("#")) return [];
    const place = `${name}, line ${i + 1}`;
    return [{ json: { ...shared, ...placed(place, () => withNames(parseObject(line))) }, place, notices: [] }];
  });
}

/** Files of other tools name models of another machine, so the command line has the last word on them. */
function readJson(name: string, text: string, shared: JobJson): Draft[] {
  const json = placed(name, () => parseObject(text));
  if (!isPromptTravel(json)) return [{ json: { ...shared, ...placed(name, () => withNames(json)) }, place: name, notices: [] }];
  const frames = typeof shared.frames === "number" ? shared.frames : undefined;
  const jobs = placed(name, () => promptTravelJobs(json, frames));
  return jobs.map((job) => ({ ...job, json: { ...job.json, ...shared }, place: name }));
}

function placed<T>(place: string, read: () => T): T {
  return place === "" ? read() : at(place, read);
}
