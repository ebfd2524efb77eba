/** Ids of contents, as the jobs of a farm are named by them. */

import type { ContentId } from "../farm/farm-job.ts";
import type { FileRef } from "../jobs/job.ts";
import type { ContentIds } from "../runtime/node/content-id.ts";
import { builtIn } from "../runtime/web/library/shelf.ts";
import { contentIdOf } from "./job-arguments.ts";

export function isShipped(ref: FileRef): boolean {
  return "id" in ref && builtIn().some(({ id }) => id === ref.id);
}

/** Of a file's contents, also for models that ship with Zoetrope; other ids are those of contents already. */
export function farmContentId(ids: ContentIds): ContentId {
  return async (ref) => ("id" in ref && !isShipped(ref) ? ref.id : contentIdOf(ref, ids));
}
