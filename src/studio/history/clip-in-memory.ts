/** The clip with this id, while it is being made or among those shown last. */
import type { Clip } from "../store/clip.ts";
import type { StudioState } from "../store/studio-store.ts";

export function clipInMemory({ job, recentClips }: StudioState, id: string): Clip | undefined {
  if (job.status === "running" && job.clip.id === id) return job.clip;
  return recentClips.find((clip) => clip.id === id);
}
