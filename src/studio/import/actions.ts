/** The actions that bring files in: dropped, chosen, pasted or fetched. */
import type { DownloadApi, DownloadOrder } from "../../protocol/download.ts";
import type { DroppedFile } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import { tellOtherTabs } from "../shelf/other-tabs.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { pasteSettings } from "./paste-settings.ts";
import type { PictureUse } from "./picture-use.ts";
import { askAddress, cancelDownload, discardDownload, download, fetchAddress } from "./run-download.ts";
import { cancelImport, importConfirmed, inspectFiles } from "./run-import.ts";

export function importActions(store: StudioStore, engine: EngineClient, downloads: DownloadApi) {
  return {
    /** Finds out what the files are and asks the person whether to add them. */
    inspectFiles: (files: readonly DroppedFile[]) => inspectFiles(store, engine, files),
    /** Adds the files that the person has just confirmed. */
    async importConfirmed(use?: PictureUse): Promise<void> {
      const { imports } = store.getState();
      const origin = imports.status === "confirming" ? imports.origin : null;
      const added = await importConfirmed(store, engine, use);
      tellOtherTabs();
      if (added && origin !== null) await downloads.discard(origin.address);
    },
    /** Applies the settings in a pasted text. @returns whether it had any */
    pasteSettings: (text: string) => pasteSettings(store, text),
    cancelImport: () => cancelImport(store, engine),
    /** Asks the person for the address of a file. */
    askAddress: () => askAddress(store, downloads),
    /** Fetches the file at an address, or shows the files of the page at that address. `token`: an access token of its host; empty: none. */
    fetchAddress: (address: string, token: string) => fetchAddress(store, engine, downloads, address, token),
    /** Fetches a file from any host and then inspects it like a dropped one. */
    download: (order: DownloadOrder) => download(store, engine, downloads, order),
    cancelDownload: () => cancelDownload(store, downloads),
    /** Deletes the bytes so far of an interrupted download. */
    discardDownload: (address: string) => discardDownload(store, downloads, address),
  };
}
