/** Messages between a worker and the process that renders for it. */

import type { ErrorInfo } from "../../core/errors.ts";
import type { JobJson } from "../../jobs/parse-job.ts";
import type { ProgressEvent } from "../queue/job-queue.ts";

export type ToRenderer =
  /** `job`: its files by path, or by the id of a model that ships with Zoetrope. `out`: the file to write. */
  { readonly type: "render"; readonly job: JobJson; readonly out: string } | { readonly type: "cancel" };

export type FromRenderer =
  | ProgressEvent
  /** The clip is whole in its file. */
  | { readonly type: "rendered" }
  | { readonly type: "cancelled" }
  | { readonly type: "refused"; readonly error: ErrorInfo };
