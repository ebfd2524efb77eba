/** What a tab of Chromium holds in memory, as the kernel counts it. Linux. */

import { readdirSync, readFileSync } from "node:fs";

/** Resident bytes of the largest renderer process of a Chromium whose profile lies at or below `profile`; 0 while there is none. */
export function tabBytes(profile: string): number {
  let largest = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (!command.includes("--type=renderer") || !command.includes(profile)) continue;
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      largest = Math.max(largest, Number(kilobytes ?? 0) * 1024);
    } catch {
      // The process ended meanwhile.
    }
  }
  return largest;
}
