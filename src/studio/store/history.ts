/** The animations finished in this session, newest first, within a memory budget. */
import type { StateCreator } from "zustand/vanilla";
import { type Clip, clipBytes } from "./clip.ts";

export interface HistorySlice {
  readonly history: readonly Clip[];
  remember(clip: Clip): void;
  forget(id: string): void;
}

const budgetBytes = 256e6;
const mostEntries = 60;

export const createHistorySlice: StateCreator<HistorySlice> = (set) => ({
  history: [],
  remember: (clip) => set(({ history }) => ({ history: withinBudget([clip, ...history.filter(({ id }) => id !== clip.id)]) })),
  forget: (id) => set(({ history }) => ({ history: history.filter((clip) => clip.id !== id) })),
});

/** The newest clips that fit; always at least one. */
export function withinBudget(clips: readonly Clip[], budget = budgetBytes): Clip[] {
  const kept: Clip[] = [];
  let bytes = 0;
  for (const clip of clips.slice(0, mostEntries)) {
    bytes += clipBytes(clip);
    if (kept.length > 0 && bytes > budget) break;
    kept.push(clip);
  }
  return kept;
}
