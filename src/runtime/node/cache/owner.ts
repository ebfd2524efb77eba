/** Names that tell which process made a file or folder, so that another one can see whether it still runs. */

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** "HOST,PID,UUID"; the host's name has no commas. */
export function ownName(): string {
  return [hostname().replaceAll(/[^\w.-]/g, "_"), process.pid, randomUUID()].join(",");
}

/**
 * Whether the process of that name has surely ended. A process on another machine cannot be asked, so what it leaves in a shared
 * folder counts as abandoned after `patienceMs` without a change.
 */
export function hasEnded(name: string, lastChangeMs: number, patienceMs: number): boolean {
  const [host, pid] = name.split(",");
  if (host !== ownName().split(",")[0]) return Date.now() - lastChangeMs > patienceMs;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    // EPERM: it runs and belongs to somebody else.
    return (thrown as NodeJS.ErrnoException).code !== "EPERM";
  }
}
