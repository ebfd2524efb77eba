/** The progress of a rendering as a bar that only moves forward. */
import type { Phase } from "../../protocol/render.ts";

export interface Progress {
  readonly phase: Phase | null;
  readonly done: number;
  readonly total: number;
  /** Milliseconds: when this phase began, and when its first items were done. */
  readonly phaseSince: number;
  readonly firstItem: { readonly at: number; readonly done: number } | null;
  /** The share of the whole bar, 0-1, that is filled when this phase begins and when it ends. */
  readonly from: number;
  readonly to: number;
}

const phases: readonly Phase[] = ["download", "pictures", "convert", "load", "text", "denoise", "decode"];
/** The rough share of the time that each phase takes; only the pace of the bar depends on it. */
const weights: Readonly<Record<Phase, number>> = {
  download: 20,
  pictures: 10,
  convert: 15,
  load: 6,
  text: 1,
  denoise: 60,
  decode: 18,
};

export const noProgress: Progress = { phase: null, done: 0, total: 0, phaseSince: 0, firstItem: null, from: 0, to: 0 };

/** Divides the rest of the bar among the phases still to come by their weights, and gives the new phase its share. */
export function enterPhase(progress: Progress, phase: Phase, now: number): Progress {
  if (progress.phase === phase) return progress;
  const from = fraction(progress);
  const remaining = phases.slice(phases.indexOf(phase)).reduce((sum, each) => sum + weights[each], 0);
  const to = Math.max(from, from + ((1 - from) * weights[phase]) / remaining);
  return { phase, done: 0, total: 0, phaseSince: now, firstItem: null, from, to };
}

export function advance(progress: Progress, phase: Phase, done: number, total: number, now: number): Progress {
  const entered = enterPhase(progress, phase, now);
  // The next file of the same phase counts from 0 again, over the rest of the phase's share of the bar.
  const anew = entered.total !== 0 && (total !== entered.total || done < entered.done);
  const from = anew ? fraction(entered) : entered.from;
  const first = anew ? null : entered.firstItem;
  return { ...entered, from, done, total, firstItem: first ?? (done > 0 ? { at: now, done } : null) };
}

/** The filled share of the whole bar, 0-1. */
export function fraction({ from, to, done, total }: Progress): number {
  return total > 0 ? from + (to - from) * Math.min(1, done / total) : from;
}
