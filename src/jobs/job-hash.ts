/** Names a job by what its clip will look like, so that a clip is made once however often it is asked for. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { type FileRef, type Job, mapFiles } from "./job.ts";
import { writeJob } from "./parse-job.ts";

/** To be raised whenever the same job gives other pixels than before; clips of earlier versions are then made again. */
export const PIXELS_VERSION = 1;

/**
 * SHA-256 over the settings that were said, the contents of every file, and the version of the pixels; 64 hexadecimal digits. The job's
 * name is not in it, and neither are paths: a moved or renamed model makes the same clips. LoRAs that prompts call by name must be among the
 * job's (`withCalledLoras`).
 * @param contentId names the contents behind a reference; equal ids mean equal contents
 */
export async function jobHash(job: Job, contentId: (ref: FileRef) => Promise<string>): Promise<string> {
  const { name: _, ...clip } = writeJob(await mapFiles(job, async (ref) => ({ id: await contentId(ref) })));
  return bytesToHex(sha256(utf8ToBytes(canonical({ ...clip, pixelsVersion: PIXELS_VERSION }))));
}

/** JSON whose keys are sorted at every depth. */
function canonical(value: unknown): string {
  const sorted = (_: string, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each;
  return JSON.stringify(value, sorted);
}
