/** Everything a person sets, as one value that can be kept, compared and put back. */
import type { ControlSlice } from "../store/control.ts";
import type { SettingsSlice } from "../store/settings.ts";
import type { ShelfSlice } from "../store/shelf.ts";
import type { StartSlice } from "../store/start.ts";

type Slices = SettingsSlice & ShelfSlice & StartSlice & ControlSlice;

const keys = [
  "prompt",
  "negative",
  "keyframes",
  "longPrompts",
  "numbers",
  "seedMode",
  "sampler",
  "schedule",
  "norm",
  "precision",
  "contextMode",
  "promptSyntax",
  "checkpoint",
  "motion",
  "vae",
  "loraUse",
  "start",
  "strength",
  "controlModel",
  "control",
  "controlWeight",
] as const satisfies readonly (keyof Slices)[];

export type Snapshot = Pick<Slices, (typeof keys)[number]>;

export function snapshotOf(state: Snapshot): Snapshot {
  return Object.fromEntries(keys.map((key) => [key, state[key]])) as unknown as Snapshot;
}

/**
 * What was changed from one to the other: "prompt", "numbers.steps", "loraUse.ID". A random seed is drawn, not set, and
 * does not count.
 */
export function changedParts(before: Snapshot, after: Snapshot): string[] {
  return keys.flatMap((key) => {
    if (before[key] === after[key]) return [];
    if (key === "loraUse") return changedEntries(key, before.loraUse, after.loraUse);
    if (key !== "numbers") return [key];
    const numbers = changedEntries(key, before.numbers, after.numbers);
    const drawn = before.seedMode === "random" && after.seedMode === "random";
    return drawn ? numbers.filter((part) => part !== "numbers.seed") : numbers;
  });
}

function changedEntries(
  key: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => before[name] !== after[name]).map((name) => `${key}.${name}`);
}
