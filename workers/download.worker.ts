/** The download worker: fetches files while the engine computes. */

import { expose } from "../src/bridge/comlink.ts";
import type { DownloadApi } from "../src/protocol/download.ts";
import { downloadFile, fileUrl } from "../src/runtime/web/library/download.ts";
import { AccessTokens } from "../src/runtime/web/library/model-hosts.ts";
import { findModel } from "../src/runtime/web/library/model-pages.ts";
import { jsonReader } from "../src/runtime/web/library/read-json.ts";
import { openPrivateFolder } from "../src/storage/opfs.ts";
import { MemoryPartialFiles, OpfsPartialFiles, type PartialFiles } from "../src/storage/partial-files.ts";

const opened = openPrivateFolder().then((folder): PartialFiles | Promise<PartialFiles> =>
  folder === null ? new MemoryPartialFiles() : OpfsPartialFiles.open(folder),
);
const tokens = new AccessTokens();
const running = new Map<string, AbortController>();

/** Runs what `cancel(address)` ends. @returns null when it was cancelled */
async function cancellable<T>(address: string, run: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  const controller = new AbortController();
  running.set(address, controller);
  try {
    return await run(controller.signal);
  } catch (thrown) {
    if (controller.signal.aborted) return null;
    throw thrown;
  } finally {
    if (running.get(address) === controller) running.delete(address);
  }
}

const api: DownloadApi = {
  async download(order, report) {
    const files = await opened;
    return cancellable(order.address, (signal) => downloadFile(order, { files, report, signal, tokens }));
  },
  find: (address) => cancellable(address, async (signal) => findModel(fileUrl(address), jsonReader(tokens, signal))),
  cancel: async (address) => running.get(address)?.abort(),
  setToken: async (address, token) => tokens.use(fileUrl(address), token.trim()),
  partial: async () => (await opened).list(),
  discard: async (address) => (await opened).remove(fileUrl(address).href),
};

expose(api);
