/** Reads the memory and processor time of a Chromium tab's process from the kernel. Linux. */

import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

export interface TabUse {
  readonly residentBytes: number;
  /** Sum over all of the process's threads, including workers. */
  readonly processorSeconds: number;
}

/** Use of the largest renderer process of the Chromium whose profile lies at or below `profile`; zeros while it has none. */
export function tabUse(profile: string): TabUse {
  let largest: TabUse = { residentBytes: 0, processorSeconds: 0 };
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (!command.includes("--type=renderer") || !command.includes(profile)) continue;
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      const residentBytes = Number(kilobytes ?? 0) * 1024;
      if (residentBytes > largest.residentBytes) largest = { residentBytes, processorSeconds: processorSeconds(pid) };
    } catch {
      // The process ended between the two reads.
    }
  }
  return largest;
}

export function tabBytes(profile: string): number {
  return tabUse(profile).residentBytes;
}

/** utime and stime, the 14th and 15th field of /proc/PID/stat; the second is a name in brackets (proc(5)). */
function processorSeconds(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
