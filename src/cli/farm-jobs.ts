/** Jobs of the command line on their way to a farm: paths become ids, and files that workers lack are sent. */

import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { CLIP_FORMATS, type ClipFormat, type FarmJob, farmJob, residentModels } from "../farm/farm-job.ts";
import type { SentFiles } from "../farm/store/sent-files.ts";
import { type FileRef, mapFiles } from "../jobs/job.ts";
import { ContentIds } from "../runtime/node/content-id.ts";
import type { BatchArguments } from "./batch-arguments.ts";
import { type BatchJob, readJobs } from "./batch-jobs.ts";
import { farmContentId, isShipped } from "./farm-ids.ts";

export interface ReadFarmJob extends FarmJob {
  /** As it was read, with paths. */
  readonly batch: BatchJob;
  /** The files behind its ids, but for those that ship with Zoetrope. */
  readonly paths: ReadonlyMap<string, string>;
}

/** @throws ZoetropeError for the first job that cannot be made as it is written, or whose files are missing */
export async function readFarmJobs(batch: BatchArguments): Promise<ReadFarmJob[]> {
  const format = formatOf(batch.name);
  const ids = new ContentIds();
  const contentId = farmContentId(ids);
  const jobs: ReadFarmJob[] = [];
  for (const each of await readJobs(batch)) {
    const paths = new Map<string, string>();
    const job = await mapFiles(each.job, async (ref): Promise<FileRef> => {
      if (isShipped(ref)) return ref;
      const id = await contentId(ref);
      if ("path" in ref) paths.set(id, ref.path);
      return { id };
    });
    jobs.push({ ...(await farmJob(job, format, contentId)), batch: each, paths });
  }
  return jobs;
}

function formatOf(name: string): ClipFormat {
  const format = CLIP_FORMATS.find((each) => extname(name) === `.${each}`);
  if (format !== undefined) return format;
  throw new ZoetropeError("output/format", {
    message: `A farm makes ${CLIP_FORMATS.join(" and ")} files; --name ${name} asks for something else.`,
    hint: "Let --name end in .gif or .apng.",
  });
}

/**
 * Sends the files of the jobs that no worker has: LoRAs, embeddings, pictures. Each is sent once.
 * @param sent null: there is no store to send to
 * @returns sentences on models that no worker has yet
 * @throws ZoetropeError `farm/no-store`, `farm/folder`
 */
export async function sendFiles(
  jobs: readonly ReadFarmJob[],
  shelf: ReadonlySet<string>,
  sent: SentFiles | null,
): Promise<string[]> {
  const said = new Set<string>();
  const done = new Set<string>();
  for (const { job, paths } of jobs) {
    const resident = residentModels(job);
    for (const [id, path] of paths) {
      if (shelf.has(id) || done.has(id)) continue;
      done.add(id);
      if (resident.includes(id)) said.add(`No worker has ${path} yet; its jobs wait until one does.`);
      else await send(id, path, sent);
    }
  }
  return [...said];
}

async function send(id: string, path: string, sent: SentFiles | null): Promise<void> {
  if (sent === null) {
    throw new ZoetropeError("farm/no-store", {
      message: `No worker has ${path}, and there is no store to send it to.`,
      hint: "Add --results, as the workers have it, or the file to a worker's --models folder.",
    });
  }
  if ((await stat(path)).isDirectory()) {
    throw new ZoetropeError("farm/folder", {
      message: `${path} is a folder, and single files are sent with jobs.`,
      hint: "Put models into a worker's --models folder; put pictures into an animated PNG or GIF.",
    });
  }
  if (!(await sent.has(id))) await sent.put(basename(path), new Uint8Array(await readFile(path)), id);
}
