/** Fetches a file by its address in the download worker, then inspects it like a dropped one. */
import { ZoetropeError } from "../../core/errors.ts";
import type { DownloadApi } from "../../protocol/download.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { inspectFiles } from "./run-import.ts";

export async function askAddress(store: StudioStore, downloads: DownloadApi, address = ""): Promise<void> {
  store.getState().setImports({ status: "address", address, error: null, partial: [] });
  const partial = await downloads.partial().catch(() => []);
  const { imports, setImports } = store.getState();
  if (imports.status === "address") setImports({ ...imports, partial });
}

export async function download(store: StudioStore, engine: EngineClient, downloads: DownloadApi, address: string): Promise<void> {
  const { setImports } = store.getState();
  setImports({ status: "downloading", address, progress: null, stopping: false });
  try {
    const found = await downloads.download(address, (progress) => {
      const { imports } = store.getState();
      if (imports.status === "downloading") setImports({ ...imports, progress });
    });
    if (found === null) return await askAddress(store, downloads, address);
    const { name, file, sha256 } = found;
    const dropped = { path: name, file: new File([file], name) };
    await inspectFiles(store, engine, [dropped], { address, sha256 });
    const { imports } = store.getState();
    // A file that nothing here can use need not stay.
    if (imports.status === "confirming" && imports.findings.every(({ usable }) => !usable)) await downloads.discard(address);
  } catch (thrown) {
    const partial = await downloads.partial().catch(() => []);
    setImports({ status: "address", address, error: ZoetropeError.from(thrown).toInfo(), partial });
  }
}

export async function cancelDownload(store: StudioStore, downloads: DownloadApi): Promise<void> {
  const { imports, setImports } = store.getState();
  if (imports.status !== "downloading") return;
  setImports({ ...imports, stopping: true });
  await downloads.cancel();
}

export async function discardDownload(store: StudioStore, downloads: DownloadApi, address: string): Promise<void> {
  await downloads.discard(address);
  await askAddress(store, downloads);
}
