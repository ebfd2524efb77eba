/**
 * Lists tasks of the page's thread by processor time, which other work on the machine does not lengthen, from
 * Chromium's trace.
 */

import type { Page } from "playwright";

export interface Task {
  readonly processorMs: number;
  /** Wall time, which includes waiting for a processor. */
  readonly durationMs: number;
}

export interface TaskTimes {
  /** Ends a phase and names it. */
  endOf(phase: string): Promise<void>;
  /** Tasks of each phase, longest first. */
  all(): Promise<Map<string, readonly Task[]>>;
}

/** An event of the Trace Event Format; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

const marked = "bench: end of ";

/** Starts tracing; call it before opening the page. */
export async function recordTaskTimes(page: Page): Promise<TaskTimes> {
  const devtools = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  devtools.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await devtools.send("Tracing.start", { traceConfig: { includedCategories: ["toplevel", "blink.user_timing"] } });
  return {
    endOf: (phase) => page.evaluate((name) => void performance.mark(name), marked + phase),
    async all() {
      const complete = new Promise((resolve) => devtools.once("Tracing.tracingComplete", resolve));
      await devtools.send("Tracing.end");
      await complete;
      return tasksByPhase(events);
    },
  };
}

function tasksByPhase(events: readonly TraceEvent[]): Map<string, readonly Task[]> {
  const ends = events.filter(({ name }) => name.startsWith(marked)).sort((a, b) => a.ts - b.ts);
  const page = ends[0]!;
  const tasks = events.filter(({ name, pid, tid }) => /RunTask$/.test(name) && pid === page.pid && tid === page.tid);
  return new Map(
    ends.map(({ name, ts }, i) => {
      const from = ends[i - 1]?.ts ?? 0;
      const during = tasks.filter((task) => task.ts >= from && task.ts < ts);
      const times = during.map(({ dur = 0, tdur = 0 }) => ({ processorMs: tdur / 1000, durationMs: dur / 1000 }));
      return [name.slice(marked.length), times.sort((a, b) => b.processorMs - a.processorMs)];
    }),
  );
}
