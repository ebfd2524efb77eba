/** The actions of the history, and undo, which takes back either the last change of a setting or the last deletion. */
import type { HistoryChange } from "../../protocol/history.ts";
import { playFromStart } from "../stage/play-from-start.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { changedParts, type Snapshot, snapshotOf } from "../undo/snapshot.ts";
import type { Undo } from "../undo/undo.ts";
import type { StudioHistory } from "./keep-history.ts";

export function historyActions(store: StudioStore, history: StudioHistory, undo: Undo) {
  /** The settings at the last deletion: while they are unchanged, the deletion is the last thing done. */
  let settingsAtRemoval: Snapshot | null = null;
  return {
    /** Takes back the last change of a setting, or the last deletion if that came later. */
    undo(): void {
      const { removals } = store.getState();
      const unchanged = settingsAtRemoval !== null && changedParts(settingsAtRemoval, snapshotOf(store.getState())).length === 0;
      if (removals.length > 0 && unchanged) void history.undoRemoval();
      else undo.undo();
    },
    redo: undo.redo,

    /** Puts an animation on the stage; the settings in the fields stay. */
    async look(id: string): Promise<void> {
      const clip = await history.clip(id);
      if (clip === null) return;
      const { showSideBySide, setShownAs, announce } = store.getState();
      showSideBySide(null);
      playFromStart(store, clip);
      setShownAs({ clip: id, as: "earlier" });
      announce("An earlier animation; your settings are as they were");
    },

    /** Puts an animation on the stage and its settings into the fields. */
    async bringBack(id: string): Promise<void> {
      const entry = store.getState().history.find((each) => each.id === id);
      const clip = await history.clip(id);
      const state = store.getState();
      const request = clip?.request ?? entry?.request;
      if (request === undefined) return;
      state.showSideBySide(null);
      if (clip !== null) playFromStart(store, clip);
      state.restoreSettings(request.settings, request.automatic);
      state.restoreSelection(request.models);
      state.restoreStart(request.start ?? null);
      state.restoreHeldFrames(request.heldFrames ?? []);
      state.restoreControls(request.control === undefined ? [] : [request.control, ...(request.moreControls ?? [])]);
      state.restoreLikeness(request.likeness ?? null);
      state.setShownAs(null);
      state.announce("Its settings are in the fields");
    },

    /** An animation with its frames; null when they are gone. */
    loadClip: history.clip,

    /** Shows animations next to each other, playing in step. */
    async compare(ids: readonly string[]): Promise<void> {
      const clips = await Promise.all(ids.map((id) => history.clip(id)));
      const found = clips.filter((clip) => clip !== null);
      if (found.length < ids.length || found.length < 2) return;
      store.getState().showSideBySide(ids);
      // The player counts its frames by the longest.
      playFromStart(
        store,
        found.reduce((longest, clip) => (clip.pictures.length > longest.pictures.length ? clip : longest)),
      );
      store.getState().announce(`${ids.length} animations side by side`);
    },

    changeInHistory: (id: string, change: HistoryChange) => history.change(id, change),
    removeFromHistory(ids: readonly string[]): Promise<void> {
      settingsAtRemoval = snapshotOf(store.getState());
      return history.remove(ids);
    },
    /** Puts back the animations that were deleted last. */
    undoRemoval: history.undoRemoval,
    /** Stops offering to put them back. */
    endRemoval: history.endRemoval,
  };
}
