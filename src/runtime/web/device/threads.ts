/** How many processor threads to use, and what to tell the person when it is fewer than it could be. */

export interface Threads {
  readonly count: number;
  /** In plain words; null when all is well. */
  readonly notice: string | null;
}

/** onnxruntime gains little beyond; every thread costs memory. */
const MOST = 8;

/** @param asked null: as many as suit this machine */
export function chooseThreads(asked: number | null): Threads {
  const wanted = asked ?? suitable(navigator.hardwareConcurrency);
  if (wanted > 1 && !globalThis.crossOriginIsolated) {
    return {
      count: 1,
      notice: "This page was served without cross-origin isolation, so only one processor thread works.",
    };
  }
  return { count: Math.max(1, wanted), notice: null };
}

/** Larger machines count each core twice (hyper-threading), and onnxruntime's threads wait by spinning: one for each core. */
function suitable(logicalCores: number): number {
  return logicalCores <= 4 ? logicalCores : Math.min(MOST, Math.max(4, Math.floor(logicalCores / 2)));
}
