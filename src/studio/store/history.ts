/** Earlier animations: the entries of all, and the frames of those that were shown last. */
import type { StateCreator } from "zustand/vanilla";
import type { HistoryChange, HistoryRecord } from "../../protocol/history.ts";
import { type Clip, clipBytes } from "./clip.ts";
import { nextToldId } from "./told-ids.ts";

export interface HistoryEntry extends HistoryRecord {
  /** Stored bytes; 0 while it is being stored. */
  readonly bytes: number;
  /** URL of a small picture; null while it is being stored. */
  readonly thumbnail: string | null;
}

/** Animations that were just removed together, with the data that putting them back needs. */
export interface Removal {
  /** Higher than those of earlier messages and removals. */
  readonly id: number;
  readonly entries: readonly HistoryEntry[];
  /** Their clips, as far as they were in memory. */
  readonly clips: readonly Clip[];
}

/** The name that the person gave an animation, else its prompt. */
export function titleOf({ title, request }: Pick<HistoryRecord, "title" | "request">): string {
  return title ?? request.settings.prompt;
}

/** The name of an animation without a prompt. */
export const untitled = "Without a prompt";

export interface HistorySlice {
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
  /** Whether the history outlives the tab; null until it has been read. */
  readonly historyLasts: boolean | null;
  /** Clips in memory within a budget, the most recently used first. */
  readonly recentClips: readonly Clip[];
  /** Ids of finished animations that are being stored. */
  readonly coming: readonly string[];
  /** The removals that can still be put back, the latest last. */
  readonly removals: readonly Removal[];
  /** Ids of the clips that the stage shows side by side, from the history, the queue or the running job; null: it shows one clip. */
  readonly sideBySide: readonly string[] | null;
  setHistory(history: readonly HistoryEntry[], lasts: boolean): void;
  /** Adds an entry, or replaces the one with the same id. */
  putEntry(entry: HistoryEntry): void;
  changeEntry(id: string, change: HistoryChange): void;
  setComing(id: string, coming: boolean): void;
  /** Completes an entry that has been stored, even if it was removed meanwhile. */
  fillEntry(id: string, filled: Pick<HistoryEntry, "bytes" | "thumbnail">): void;
  /** Removes entries from the history; null: there are none with these ids. */
  removeEntries(ids: readonly string[]): Removal | null;
  /** Puts a removal's entries back into their places; null: it is too late. */
  putBack(id: number): Removal | null;
  /** Drops a removal, which then cannot be put back; null: it was put back already. */
  endRemoval(id: number): Removal | null;
  remember(clip: Clip): void;
  showSideBySide(ids: readonly string[] | null): void;
}

const budgetBytes = 256e6;
const mostClips = 60;

export const createHistorySlice: StateCreator<HistorySlice> = (set, get) => ({
  history: [],
  historyLasts: null,
  recentClips: [],
  coming: [],
  removals: [],
  sideBySide: null,

  setHistory: (history, historyLasts) => set({ history, historyLasts }),
  putEntry: (entry) =>
    set(({ history }) => ({
      history: history.some(({ id }) => id === entry.id)
        ? history.map((old) => (old.id === entry.id ? entry : old))
        : [entry, ...history],
    })),
  changeEntry: (id, change) => set(({ history }) => ({ history: changed(history, id, change) })),
  setComing: (id, coming) =>
    set((state) => {
      const others = state.coming.filter((each) => each !== id);
      return { coming: coming ? [...others, id] : others };
    }),
  fillEntry: (id, filled) =>
    set(({ history, removals }) => ({
      history: changed(history, id, filled),
      removals: removals.map((removal) => ({ ...removal, entries: changed(removal.entries, id, filled) })),
    })),

  removeEntries: (ids) => {
    const { history, recentClips, sideBySide, removals } = get();
    const goes = ({ id }: { readonly id: string }) => ids.includes(id);
    const stays = (each: { readonly id: string }) => !goes(each);
    const entries = history.filter(goes);
    if (entries.length === 0) return null;
    const removal: Removal = { id: nextToldId(), entries, clips: recentClips.filter(goes) };
    const together = sideBySide?.filter((id) => !ids.includes(id)) ?? [];
    set({
      history: history.filter(stays),
      recentClips: recentClips.filter(stays),
      sideBySide: together.length < 2 ? null : together,
      removals: [...removals, removal],
    });
    return removal;
  },
  putBack: (id) => {
    const removal = get().endRemoval(id);
    if (removal === null) return null;
    set(({ history, recentClips }) => ({
      history: [...history, ...removal.entries].sort((a, b) => b.createdAt - a.createdAt),
      recentClips: withinBudget([...recentClips, ...removal.clips]),
    }));
    return removal;
  },
  endRemoval: (id) => {
    const { removals } = get();
    const removal = removals.find((each) => each.id === id) ?? null;
    set({ removals: removals.filter((each) => each !== removal) });
    return removal;
  },
  remember: (clip) =>
    set(({ recentClips }) => ({ recentClips: withinBudget([clip, ...recentClips.filter(({ id }) => id !== clip.id)]) })),
  showSideBySide: (sideBySide) => set({ sideBySide }),
});

/** The first clips that fit the budget; always at least one. */
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

function changed(entries: readonly HistoryEntry[], id: string, change: Partial<HistoryEntry>): HistoryEntry[] {
  return entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
}
