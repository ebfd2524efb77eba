/** Chooses the number of processor threads, and tells the person if it is lower than it could be. */

export interface Threads {
  readonly count: number;
  /** A sentence for the person, or null. */
  readonly notice: string | null;
}

/** onnxruntime gains little from more threads, and every thread costs memory. */
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

/** One thread for each core: larger machines report each core twice (hyper-threading), and onnxruntime's threads spin while they wait. */
function suitable(logicalCores: number): number {
  return logicalCores <= 4 ? logicalCores : Math.min(MOST, Math.max(4, Math.floor(logicalCores / 2)));
}
