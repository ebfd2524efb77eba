/** Orders jobs so that those that share models and sizes follow each other, because then their sessions are still open. */

import { type FileRef, type Job, modelsOf } from "./job.ts";

/** Groups come in the order of their first job, and jobs within a group in their own. @returns indices into `jobs` */
export function orderByModel(jobs: readonly Job[]): number[] {
  const groups = jobs.map(groupsOf);
  const firsts = new Map<string, number>();
  for (const [index, levels] of groups.entries()) for (const level of levels) if (!firsts.has(level)) firsts.set(level, index);
  const first = (level: string) => firsts.get(level)!;
  return jobs
    .map((_, index) => index)
    .sort((a, b) => {
      for (const [level, own] of groups[a]!.entries()) {
        const difference = first(own) - first(groups[b]![level]!);
        if (difference !== 0) return difference;
      }
      return a - b;
    });
}

/** From the costliest change to the cheapest; each level names those above it, too. */
function groupsOf(job: Job): string[] {
  const { checkpoint, motion, vae, settings } = job;
  const weights = [settings.precision, settings.norm];
  const size = [settings.width, settings.height, settings.frames, settings.contextLength, settings.cfgScale === 1];
  const levels = [checkpoint, [motion, vae, ...weights], modelsOf(job) as readonly FileRef[], [job.loras, job.motionLoras], size];
  return levels.map((_, level) => JSON.stringify(levels.slice(0, level + 1)));
}
