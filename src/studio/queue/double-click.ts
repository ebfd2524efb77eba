/** Buttons that change their meaning when they are pressed: the second half of a double click is not meant for the new one. */
import type { StudioState } from "../store/studio-store.ts";

const doubleClickMs = 500;

export function isSecondClick({ job }: StudioState): boolean {
  return job.status === "running" && performance.now() - job.startedAt < doubleClickMs;
}
