/** Renders jobs on this machine: one process for the models in use, which is replaced when other models come. */

import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeJob } from "../../jobs/parse-job.ts";
import { type FarmJob, residentModels } from "../farm-job.ts";
import type { ProgressEvent } from "../queue/job-queue.ts";
import type { ClipRenderer } from "../redis/redis-worker.ts";
import type { JobFiles } from "./job-files.ts";
import { RenderProcess, type RenderProgram } from "./render-process.ts";

export class LocalRenderer implements ClipRenderer {
  readonly #program: RenderProgram;
  readonly #files: JobFiles;
  readonly #folder: string;
  #process: { readonly models: string; readonly process: RenderProcess } | null = null;

  /** @param folder for clips until they are stored */
  constructor(program: RenderProgram, files: JobFiles, folder: string) {
    this.#program = program;
    this.#files = files;
    this.#folder = folder;
  }

  async render(farmJob: FarmJob, report: (event: ProgressEvent) => void, signal: AbortSignal): Promise<Uint8Array> {
    const job = await this.#files.resolve(farmJob.job);
    const process = await this.#processFor(residentModels(farmJob.job).join("+"));
    await mkdir(this.#folder, { recursive: true });
    const out = join(this.#folder, `${randomUUID()}.${farmJob.format}`);
    try {
      await process.render(writeJob(job), out, report, signal);
      return await readFile(out);
    } finally {
      await rm(out, { force: true });
    }
  }

  async close(): Promise<void> {
    await this.#process?.process.close();
    this.#process = null;
  }

  async #processFor(models: string): Promise<RenderProcess> {
    if (this.#process?.models === models && this.#process.process.alive) return this.#process.process;
    await this.close();
    const process = new RenderProcess(this.#program);
    this.#process = { models, process };
    return process;
  }
}
