/** Earlier animations: what is known of all of them, and the pictures of those looked at last. */
import type { StateCreator } from "zustand/vanilla";
import type { HistoryChange, HistoryRecord } from "../../protocol/history.ts";
import { type Clip, clipBytes } from "./clip.ts";

export interface HistoryEntry extends HistoryRecord {
  /** Bytes it takes on this device; 0 while it is being kept. */
  readonly bytes: number;
  /** URL of a small picture; null while it is being kept. */
  readonly thumbnail: string | null;
}

/** Animations that were removed together a moment ago, with what it takes to put them back. */
export interface Removal {
  readonly id: number;
  readonly entries: readonly HistoryEntry[];
  /** Their pictures, as far as they were in memory. */
  readonly clips: readonly Clip[];
}

/** What an animation is called: the name it was given, else its prompt. */
export function titleOf({ title, request }: Pick<HistoryRecord, "title" | "request">): string {
  return title ?? request.settings.prompt;
}

/** Where something without a prompt has to be called something. */
export const untitled = "Without a prompt";

export interface HistorySlice {
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
  /** Whether the history survives the tab; null until it has been read. */
  readonly historyLasts: boolean | null;
  /** Clips whose pictures are in memory, the one used last first, within a budget. */
  readonly recentClips: readonly Clip[];
  /** Ids of finished animations that are on their way into the history. */
  readonly coming: readonly string[];
  /** What can still be put back, the latest last. */
  readonly removals: readonly Removal[];
  /** Clips that are shown together instead of one on the stage; ids of the history, of the queue or of the running job. */
  readonly sideBySide: readonly string[] | null;
  setHistory(history: readonly HistoryEntry[], lasts: boolean): void;
  /** Adds an entry, or replaces the one of the same id. */
  putEntry(entry: HistoryEntry): void;
  changeEntry(id: string, change: HistoryChange): void;
  setComing(id: string, coming: boolean): void;
  /** What is known of an animation once it has been kept, wherever it is by then. */
  fillEntry(id: string, filled: Pick<HistoryEntry, "bytes" | "thumbnail">): void;
  /** Takes entries out of the history, as a removal; null when there are none of them. */
  removeEntries(ids: readonly string[]): Removal | null;
  /** Puts a removal's entries back to where they were; null when it is too late. */
  putBack(id: number): Removal | null;
  /** It can no longer be put back; null when it has been. */
  endRemoval(id: number): Removal | null;
  remember(clip: Clip): void;
  showSideBySide(ids: readonly string[] | null): void;
}

const budgetBytes = 256e6;
const mostClips = 60;

let lastRemovalId = 0;

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
    lastRemovalId += 1;
    const removal: Removal = { id: lastRemovalId, entries, clips: recentClips.filter(goes) };
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

function changed(entries: readonly HistoryEntry[], id: string, change: Partial<HistoryEntry>): HistoryEntry[] {
  return entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
}
