/** A queue of jobs, as the gateway and the command line see it: in this process, or in Redis with workers elsewhere. */

import type { ErrorInfo } from "../../core/errors.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { Phase } from "../../protocol/render.ts";
import type { FarmJob } from "../farm-job.ts";

export type JobStatus =
  | { readonly state: "waiting" | "active" | "done" | "cancelled" }
  /** No worker will try it again. */
  | { readonly state: "failed"; readonly error: ErrorInfo };

/** What a worker reports while it renders. */
export type ProgressEvent =
  | { readonly type: "phase"; readonly phase: Phase }
  | { readonly type: "progress"; readonly phase: Phase; readonly done: number; readonly total: number }
  | { readonly type: "notice"; readonly message: string }
  | {
      /** As `RenderEvent` has it, with the pixels in base64. */
      readonly type: "preview";
      readonly step: number;
      readonly steps: number;
      readonly frames: number;
      readonly width: number;
      readonly height: number;
      readonly pixels: string;
    };

export type JobEvent = ProgressEvent | { readonly type: "status"; readonly status: JobStatus };

export interface JobQueue {
  /** Queues the job, unless its clip is made or it is queued already. A job that failed or was cancelled is queued anew. */
  submit(job: FarmJob): Promise<JobStatus>;
  /** null: nobody submitted such a job. */
  status(id: string): Promise<JobStatus | null>;
  /** Ends a job that waits or is being rendered. @returns whether there was one */
  cancel(id: string): Promise<boolean>;
  /** Reports a job's progress until its last status, and its present status at once. @returns a function that ends the reports */
  watch(id: string, report: (event: JobEvent) => void): Promise<() => void>;
  /** The models that workers have. */
  shelf(): Promise<readonly ShelfItem[]>;
  close(): Promise<void>;
}

export function hasEnded({ state }: JobStatus): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
