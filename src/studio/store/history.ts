/** Earlier animations: what is known of all of them, and the pictures of those looked at last. */
import type { StateCreator } from "zustand/vanilla";
import type { HistoryRecord } from "../../protocol/history.ts";
import { type Clip, clipBytes } from "./clip.ts";

export interface HistoryEntry extends HistoryRecord {
  /** Bytes it takes on this device; 0 while it is being kept. */
  readonly bytes: number;
  /** URL of a small picture; null while it is being kept. */
  readonly thumbnail: string | null;
}

export interface HistorySlice {
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
  /** Whether the history survives the tab; null until it has been read. */
  readonly historyLasts: boolean | null;
  /** Clips whose pictures are in memory, the one used last first, within a budget. */
  readonly recentClips: readonly Clip[];
  /** Clips that are shown together instead of one on the stage; ids of the history, of the queue or of the running job. */
  readonly sideBySide: readonly string[] | null;
  setHistory(history: readonly HistoryEntry[], lasts: boolean): void;
  /** Adds an entry, or replaces the one of the same id. */
  putEntry(entry: HistoryEntry): void;
  setFavourite(id: string, favourite: boolean): void;
  forget(ids: readonly string[]): void;
  remember(clip: Clip): void;
  showSideBySide(ids: readonly string[] | null): void;
}

const budgetBytes = 256e6;
const mostClips = 60;

export const createHistorySlice: StateCreator<HistorySlice> = (set) => ({
  history: [],
  historyLasts: null,
  recentClips: [],
  sideBySide: null,

  setHistory: (history, historyLasts) => set({ history, historyLasts }),
  putEntry: (entry) =>
    set(({ history }) => ({
      history: history.some(({ id }) => id === entry.id)
        ? history.map((old) => (old.id === entry.id ? entry : old))
        : [entry, ...history],
    })),
  setFavourite: (id, favourite) =>
    set(({ history }) => ({ history: history.map((entry) => (entry.id === id ? { ...entry, favourite } : entry)) })),
  forget: (ids) =>
    set(({ history, recentClips, sideBySide }) => {
      const stays = ({ id }: { readonly id: string }) => !ids.includes(id);
      const together = sideBySide?.filter((id) => !ids.includes(id)) ?? [];
      return {
        history: history.filter(stays),
        recentClips: recentClips.filter(stays),
        sideBySide: together.length < 2 ? null : together,
      };
    }),
  remember: (clip) =>
    set(({ recentClips }) => ({ recentClips: withinBudget([clip, ...recentClips.filter(({ id }) => id !== clip.id)]) })),
  showSideBySide: (sideBySide) => set({ sideBySide }),
});

/** The first clips that fit; always at least one. */
export function withinBudget(clips: readonly Clip[], budget = budgetBytes): Clip[] {
  const kept: Clip[] = [];
  let bytes = 0;
  for (const clip of clips.slice(0, mostClips)) {
    bytes += clipBytes(clip);
    if (kept.length > 0 && bytes > budget) break;
    kept.push(clip);
  }
  return kept;
}
