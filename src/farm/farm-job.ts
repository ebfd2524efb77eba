/** A job on its way through a farm: its files by id only, because a path of one machine means nothing on another. */

import { ZoetropeError } from "../core/errors.ts";
import { type FileRef, type Job, modelsOf } from "../jobs/job.ts";
import { jobHash } from "../jobs/job-hash.ts";
import { type JobJson, parseJob, writeJob } from "../jobs/parse-job.ts";

/** GIF for people; APNG loses no colours, so the studio asks for it. */
export const CLIP_FORMATS = ["gif", "apng"] as const;
export type ClipFormat = (typeof CLIP_FORMATS)[number];

export interface FarmJob {
  /** The name of the clip in the store: the job's hash with the format as its ending. Equal jobs have equal ids, so a clip is made once. */
  readonly id: string;
  readonly job: Job;
  readonly format: ClipFormat;
}

/** Names the contents behind a reference. Ids of models that ship with Zoetrope stand for other contents in other versions. */
export type ContentId = (ref: FileRef) => Promise<string>;

/** @throws ZoetropeError `farm/path` when the job names a file by its path */
export async function farmJob(job: Job, format: ClipFormat, contentId: ContentId): Promise<FarmJob> {
  idsOf(job);
  return { id: `${await jobHash(job, contentId)}.${format}`, job, format };
}

/** As plain JSON, without its id. */
export function writeFarmJob({ job, format }: FarmJob): JobJson {
  return { ...writeJob(job), format };
}

/** The way back. @throws ZoetropeError `job/…`, `farm/path` */
export function readFarmJob(json: JobJson): Omit<FarmJob, "id"> {
  const { format = "gif", ...rest } = json;
  const known = CLIP_FORMATS.find((each) => each === format);
  if (known === undefined) {
    throw new ZoetropeError("job/format", {
      message: `A clip's format is ${CLIP_FORMATS.join(" or ")}.`,
      hint: 'Leave "format" out for a GIF.',
    });
  }
  const job = parseJob(rest);
  idsOf(job);
  return { job, format: known };
}

const CLIP_ID = new RegExp(`^[0-9a-f]{64}\\.(${CLIP_FORMATS.join("|")})$`);

export function isClipId(text: string): boolean {
  return CLIP_ID.test(text);
}

/** The models that a job's queue is for: jobs that share them run in one process, one after another, without loading anything anew. */
export function residentModels({ checkpoint, motion, vae, controlNets, sparseCtrl, ipAdapter }: Job): string[] {
  const adapters = [ipAdapter, ipAdapter?.encoder ?? null];
  const resident = [checkpoint, motion, vae, ...controlNets, sparseCtrl, ...adapters].filter((ref) => ref !== null);
  return [...new Set(resident.map(idIn))];
}

/**
 * Ids of everything that a job reads, pictures too.
 * @throws ZoetropeError `farm/path`
 */
export function idsOf(job: Job): ReadonlySet<string> {
  const { start, initLatents, upscale, embeddings, controlNets, sparseCtrl, ipAdapter, heldFrames } = job;
  const pictures = [...controlNets, ...(sparseCtrl?.frames.map(({ picture }) => ({ pictures: picture })) ?? []), start];
  const likeness = [...(ipAdapter?.pictures ?? []), ...heldFrames.map(({ picture }) => picture)];
  const drawing = controlNets.map(({ preprocessor }) => (typeof preprocessor === "object" ? preprocessor : null));
  const followed = pictures.map((each) => each?.pictures);
  const noise = initLatents === "none" ? null : initLatents;
  const all = [...modelsOf(job), ...embeddings, noise, upscale, ...likeness, ...drawing, ...followed];
  return new Set(all.filter((ref) => ref != null).map(idIn));
}

function idIn(ref: FileRef): string {
  if ("id" in ref) return ref.id;
  throw new ZoetropeError("farm/path", {
    message: "A farm takes models and pictures by their ids, not by paths.",
    hint: 'Submit the job with "zoetrope farm submit", which sends files by their contents, or write {"id": "…"}.',
  });
}
