/** Finds the files behind the ids of a job: models of the worker's shelf, and files that were sent with the job. */

import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ZoetropeError } from "../../core/errors.ts";
import { type Job, mapFiles } from "../../jobs/job.ts";
import type { ContentIds } from "../../runtime/node/content-id.ts";
import type { Shelf } from "../shelf.ts";
import type { SentFiles } from "../store/sent-files.ts";

export class JobFiles {
  readonly #shelf: Shelf;
  readonly #sent: SentFiles;
  readonly #folder: string;
  readonly #ids: ContentIds;

  /** @param folder for copies of files that were sent; they are kept as long as the worker runs */
  constructor(shelf: Shelf, sent: SentFiles, folder: string, ids: ContentIds) {
    this.#shelf = shelf;
    this.#sent = sent;
    this.#folder = folder;
    this.#ids = ids;
  }

  /**
   * The job with paths in place of ids; models that ship with Zoetrope keep theirs.
   * @throws ZoetropeError `farm/missing-file`
   */
  resolve(job: Job): Promise<Job> {
    return mapFiles(job, async (ref) => {
      if ("path" in ref) throw missing(ref.path);
      const model = this.#shelf.get(ref.id);
      if (model !== undefined) return model.path === null ? ref : { path: model.path };
      return { path: await this.#copyOf(ref.id) };
    });
  }

  async #copyOf(id: string): Promise<string> {
    const sent = await this.#sent.get(id);
    if (sent === null) throw missing(id);
    const folder = join(this.#folder, id);
    const path = join(folder, sent.name);
    if ((await this.#ids.of(path).catch(() => null)) === id) return path;
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.part`, sent.bytes);
    await rename(`${path}.part`, path);
    if ((await this.#ids.of(path)) !== id) throw missing(id);
    return path;
  }
}

function missing(id: string): ZoetropeError {
  return new ZoetropeError("farm/missing-file", {
    message: `This worker has no model or file with the id "${id}", and none was sent with the job.`,
    hint: "Add the file to the worker's --models folder, or send it with the job.",
  });
}
