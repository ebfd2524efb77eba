/** Everything a person sets, as one value that can be kept, compared and put back. */
import type { SettingFields } from "../../core/settings/fields.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import type { Schema } from "../../core/settings/setting.ts";
import type { ControlSlice } from "../store/control.ts";
import type { HeldFramesSlice } from "../store/held-frames.ts";
import type { LikenessSlice } from "../store/likeness.ts";
import type { SettingsSlice } from "../store/settings.ts";
import type { ShelfSlice } from "../store/shelf.ts";
import type { StartSlice } from "../store/start.ts";

const otherKeys = [
  ...(["keyframes", "lanes", "seedMode"] as const),
  ...(["checkpoint", "motion", "vae", "loraUse"] as const),
  ...(["start", "strength", "heldFrames", "controls"] as const),
  ...(["ipAdapter", "imageEncoder", "likeness", "likenessWeight", "likenessEndWeight"] as const),
];

export type Snapshot = SettingFields &
  Pick<SettingsSlice & ShelfSlice & StartSlice & HeldFramesSlice & ControlSlice & LikenessSlice, (typeof otherKeys)[number]>;

export function snapshotOf(state: Snapshot, schema: Schema = settingsSchema): Snapshot {
  const { numbers, others } = keptNames(schema);
  const pick = (from: object, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, (from as Readonly<Record<string, unknown>>)[name]]));
  return { ...pick(state, [...others, ...otherKeys]), numbers: pick(state.numbers, numbers) } as unknown as Snapshot;
}

/** Names of the settings that undo keeps. Lists are kept as `keyframes` and `lanes`. */
function keptNames(schema: Schema): { readonly numbers: string[]; readonly others: string[] } {
  const kept = Object.entries(schema).filter(
    ([, { kind, leftOutOf }]) => kind !== "list" && kind !== "lanes" && !leftOutOf?.includes("undo"),
  );
  const names = (isNumber: boolean) => kept.flatMap(([name, { kind }]) => ((kind === "number") === isNumber ? [name] : []));
  return { numbers: names(true), others: names(false) };
}

/**
 * Names of what differs between two snapshots: "prompt", "numbers.steps", "loraUse.ID". A random seed does not count, because the
 * page draws it and nobody sets it.
 */
export function changedParts(before: Snapshot, after: Snapshot): string[] {
  return (Object.keys(after) as (keyof Snapshot)[]).flatMap((key) => {
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
