/** The presets and styles that a person saved. */
import type { StateCreator } from "zustand/vanilla";
import type { Named } from "../../storage/preset-store.ts";

export interface PresetsSlice {
  /** By name. */
  readonly named: readonly Named[];
  /** Whether they outlive the tab; null until they have been read. */
  readonly namedLast: boolean | null;
  setNamed(named: readonly Named[], last: boolean): void;
}

export const createPresetsSlice: StateCreator<PresetsSlice> = (set) => ({
  named: [],
  namedLast: null,
  setNamed: (named, namedLast) =>
    set({ named: named.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })), namedLast }),
});
