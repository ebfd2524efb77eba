/** How far a rendering is, in one bar that only moves forward, and in words with the time left. */
import type { Phase } from "../../protocol/render.ts";

export interface Progress {
  readonly phase: Phase | null;
  readonly done: number;
  readonly total: number;
  /** When this phase began and when its first item was done; milliseconds. */
  readonly phaseSince: number;
  readonly firstItem: { readonly at: number; readonly done: number } | null;
  /** Share of the whole bar, 0-1, filled when this phase began and when it ends. */
  readonly from: number;
  readonly to: number;
}

const phases: readonly Phase[] = ["download", "convert", "load", "text", "denoise", "decode"];
/** Rough share of the time each phase takes; only the shape of the bar depends on it. */
const weights: Readonly<Record<Phase, number>> = { download: 20, convert: 15, load: 6, text: 1, denoise: 60, decode: 18 };

export const phaseWords: Readonly<Record<Phase, string>> = {
  download: "Downloading the model",
  convert: "Preparing the model",
  load: "Loading the model",
  text: "Reading the prompt",
  denoise: "Denoising",
  decode: "Developing frames",
};

export const noProgress: Progress = { phase: null, done: 0, total: 0, phaseSince: 0, firstItem: null, from: 0, to: 0 };

/** A new phase takes, of what is left of the bar, the share its weight has among the phases still to come. */
export function enterPhase(progress: Progress, phase: Phase, now: number): Progress {
  if (progress.phase === phase) return progress;
  const from = fraction(progress);
  const remaining = phases.slice(phases.indexOf(phase)).reduce((sum, each) => sum + weights[each], 0);
  const to = Math.max(from, from + ((1 - from) * weights[phase]) / remaining);
  return { phase, done: 0, total: 0, phaseSince: now, firstItem: null, from, to };
}

export function advance(progress: Progress, phase: Phase, done: number, total: number, now: number): Progress {
  const entered = enterPhase(progress, phase, now);
  // The next file of the same phase counts anew, over what is left of the phase's share of the bar.
  const anew = entered.total !== 0 && (total !== entered.total || done < entered.done);
  const from = anew ? fraction(entered) : entered.from;
  const first = anew ? null : entered.firstItem;
  return { ...entered, from, done, total, firstItem: first ?? (done > 0 ? { at: now, done } : null) };
}

/** Share of the whole bar, 0-1. */
export function fraction({ from, to, done, total }: Progress): number {
  return total > 0 ? from + (to - from) * Math.min(1, done / total) : from;
}

/** "Denoising", "Denoising, step 7 of 20", "Downloading the model, 12 of 25 MB". */
export function progressWords({ phase, done, total }: Progress): string {
  if (phase === null) return "Starting";
  const words = phaseWords[phase];
  if (total === 0) return words;
  switch (phase) {
    case "download":
    case "convert":
      return `${words}, ${megabytes(done)} of ${megabytes(total)} MB`;
    case "denoise":
      return `${words}, step ${Math.min(done + 1, total)} of ${total}`;
    case "decode":
      return `${words}, ${done} of ${total}`;
    default:
      return words;
  }
}

/**
 * Milliseconds until the end of the phase at the rate of its items since the first (which warms things up), or null while
 * that says nothing yet.
 */
export function phaseTimeLeft({ done, total, firstItem }: Progress, now: number): number | null {
  if (firstItem === null || total === 0) return null;
  const items = done - firstItem.done;
  if (items < 1) return null;
  const perItem = (now - firstItem.at) / items;
  return Math.max(0, (total - done) * perItem);
}

/** "about 12 s left", "about 3 min left"; empty when unknown. */
export function timeLeftWords(timeLeftMs: number | null): string {
  if (timeLeftMs === null) return "";
  const seconds = Math.ceil(timeLeftMs / 1000);
  if (seconds < 1) return "";
  if (seconds < 90) return `about ${seconds} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${Math.round(seconds / 3600)} h left`;
}

/** "0.4 s", "12 s", "3 min 20 s", "1 h 5 min". */
export function durationWords(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function megabytes(bytes: number): string {
  const mb = bytes / 1e6;
  return mb < 10 ? mb.toFixed(1) : String(Math.round(mb));
}
