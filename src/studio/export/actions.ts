/** The actions that save, share and copy the clip on the stage. */
import type { StudioStore } from "../store/studio-store.ts";
import { copyFrame, copyLink, copySettings } from "./copy.ts";
import { saveGrid } from "./grid-sheet.ts";
import { saveClip } from "./run-export.ts";
import { createShare } from "./share.ts";

/** @param address gives the address that restores the present settings */
export function exportActions(store: StudioStore, address: () => string) {
  const share = createShare(store);
  let exporting = new AbortController();
  const begin = () => {
    exporting = new AbortController();
    return exporting.signal;
  };
  return {
    exportGif: () => saveClip(store, "gif", begin()),
    /** Saves the clip in the format chosen in the menu. */
    exportChosen: () => saveClip(store, store.getState().exportOptions.format, begin()),
    /** Saves the grid that was made last as one animation. */
    saveGrid: () => saveGrid(store, begin()),
    /** Hands the clip, in the format chosen in the menu, to another program. */
    shareChosen: () => share(begin()),
    cancelExport: () => exporting.abort(),
    copySettings: () => copySettings(store),
    copyFrame: () => copyFrame(store),
    /** Copies an address that restores the present settings. */
    copyLink: () => copyLink(store, address()),
  };
}
