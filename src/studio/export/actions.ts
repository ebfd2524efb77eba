/** The actions that save, share and copy the clip on the stage. */
import type { ExportFormat } from "../../media/export/options.ts";
import type { EngineClient } from "../engine/client.ts";
import type { SettingsLink } from "../link/follow-link.ts";
import type { Clip } from "../store/clip.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { copyFrame, copyLink, copySettings } from "./copy.ts";
import { saveGrid } from "./grid-sheet.ts";
import { saveClip } from "./run-export.ts";
import { createShare } from "./share.ts";

export function exportActions(
  store: StudioStore,
  engine: EngineClient,
  { address, addressOf }: Pick<SettingsLink, "address" | "addressOf">,
) {
  const share = createShare(store, engine);
  let exporting = new AbortController();
  const begin = () => {
    exporting = new AbortController();
    return exporting.signal;
  };
  /** Copies the link to the clip that is saved, whatever the fields say by the time of the press. */
  const linkTo = (clip: Clip | null) => () => void copyLink(store, clip === null ? address() : addressOf(clip));
  const save = (format: ExportFormat) => saveClip(store, engine, format, begin(), linkTo(store.getState().clip));
  return {
    exportGif: () => save("gif"),
    /** Saves the clip in the format chosen in the menu. */
    exportChosen: () => save(store.getState().exportOptions.format),
    /** Saves the grid that was made last as one animation. */
    saveGrid: () => saveGrid(store, engine, begin()),
    /** Hands the clip, in the format chosen in the menu, to another program. */
    shareChosen: () => share(begin()),
    cancelExport: () => exporting.abort(),
    copySettings: () => copySettings(store),
    copyFrame: () => copyFrame(store),
    /** Copies an address that restores the present settings. */
    copyLink: () => copyLink(store, address()),
  };
}
