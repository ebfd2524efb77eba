/** Adds the LoRAs that a job's prompts call by `<lora:name:0.8>` to those that it names, so that its files are all in one place. */

import { calledLoras } from "../core/prompt/called-loras.ts";
import { defaultSettings } from "../core/settings/render-settings.ts";
import type { FileRef, Job } from "./job.ts";

/** @param find the file or stored LoRA of that name */
export function withCalledLoras(job: Job, named: (ref: FileRef, name: string) => boolean, find: (name: string) => FileRef): Job {
  const chosen = [...job.loras, ...job.motionLoras];
  const missing = calledLoras({ ...defaultSettings(), ...job.settings })
    .filter(({ name }) => !chosen.some((lora) => named(lora, name)))
    .map(({ name, unread: _, ...strength }) => ({ ...find(name), ...strength }));
  return missing.length === 0 ? job : { ...job, loras: [...job.loras, ...missing] };
}
