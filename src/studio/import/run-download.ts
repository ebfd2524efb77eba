/** Fetches a file by its address in the download worker, then inspects it like a dropped one. */
import { ZoetropeError } from "../../core/errors.ts";
import type { DownloadApi, DownloadOrder, RemoteModel } from "../../protocol/download.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { inspectFiles } from "./run-import.ts";

export async function askAddress(store: StudioStore, downloads: DownloadApi, address = ""): Promise<void> {
  store.getState().setImports({ status: "address", address, error: null, partial: [], found: null });
  const partial = await downloads.partial().catch(() => []);
  const { imports, setImports } = store.getState();
  if (imports.status === "address") setImports({ ...imports, partial });
}

/** Fetches the file at `address`; if it is the page of a model with several files, the person chooses. */
export async function fetchAddress(
  store: StudioStore,
  engine: EngineClient,
  downloads: DownloadApi,
  address: string,
  token: string,
): Promise<void> {
  const begun = { status: "downloading", address, progress: null, stopping: false } as const;
  store.getState().setImports(begun);
  let found: RemoteModel | null;
  try {
    if (token !== "") await downloads.setToken(address, token);
    found = await downloads.find(address);
  } catch (thrown) {
    return failed(store, downloads, address, thrown);
  }
  if (store.getState().imports !== begun) return askAddress(store, downloads, address); // cancelled meanwhile
  const [first, ...more] = found?.files ?? [{ address, name: null, bytes: null, sha256: null }];
  if (first !== undefined && more.length === 0) return download(store, engine, downloads, first, address);
  store.getState().setImports({ status: "address", address, error: null, partial: [], found });
}

/** @param typed the address in the form when the download fails */
export async function download(
  store: StudioStore,
  engine: EngineClient,
  downloads: DownloadApi,
  order: DownloadOrder,
  typed = order.address,
): Promise<void> {
  const { address } = order;
  store.getState().setImports({ status: "downloading", address, progress: null, stopping: false });
  try {
    const found = await downloads.download(order, (progress) => {
      const { imports, setImports } = store.getState();
      if (imports.status === "downloading") setImports({ ...imports, progress });
    });
    if (found === null) return await askAddress(store, downloads, typed);
    const { name, file, sha256 } = found;
    const dropped = { path: name, file: new File([file], name) };
    await inspectFiles(store, engine, [dropped], { address, sha256 });
    const { imports } = store.getState();
    // A file that nothing here can use need not stay.
    if (imports.status === "confirming" && imports.findings.every(({ usable }) => !usable)) await downloads.discard(address);
  } catch (thrown) {
    await failed(store, downloads, typed, thrown);
  }
}

async function failed(store: StudioStore, downloads: DownloadApi, address: string, thrown: unknown): Promise<void> {
  const partial = await downloads.partial().catch(() => []);
  const error = ZoetropeError.from(thrown).toInfo();
  store.getState().setImports({ status: "address", address, error, partial, found: null });
}

export async function cancelDownload(store: StudioStore, downloads: DownloadApi): Promise<void> {
  const { imports, setImports } = store.getState();
  if (imports.status !== "downloading") return;
  setImports({ ...imports, stopping: true });
  await downloads.cancel(imports.address);
}

export async function discardDownload(store: StudioStore, downloads: DownloadApi, address: string): Promise<void> {
  await downloads.discard(address);
  await askAddress(store, downloads);
}
