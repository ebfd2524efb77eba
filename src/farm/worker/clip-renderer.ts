/** What a queue needs of the machine that renders its jobs. */

import type { FarmJob } from "../farm-job.ts";
import type { ProgressEvent } from "../queue/job-queue.ts";

/** Renders one job at a time. */
export interface ClipRenderer {
  /** @throws the signal's reason when cancelled, within one call of the UNet; ZoetropeError */
  render(job: FarmJob, report: (event: ProgressEvent) => void, signal: AbortSignal): Promise<Uint8Array>;
}
