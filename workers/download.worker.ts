/** The download worker: fetches files while the engine computes. */

import { expose } from "../src/bridge/comlink.ts";
import type { DownloadApi } from "../src/protocol/download.ts";
import { downloadFile, fileUrl } from "../src/runtime/web/library/download.ts";
import { openPrivateFolder } from "../src/storage/opfs.ts";
import { MemoryPartialFiles, OpfsPartialFiles, type PartialFiles } from "../src/storage/partial-files.ts";

const opened = openPrivateFolder().then((folder): PartialFiles | Promise<PartialFiles> =>
  folder === null ? new MemoryPartialFiles() : OpfsPartialFiles.open(folder),
);
let downloading = new AbortController();

const api: DownloadApi = {
  async download(address, report) {
    const files = await opened;
    downloading = new AbortController();
    const { signal } = downloading;
    try {
      return await downloadFile(address, { files, report, signal });
    } catch (thrown) {
      if (signal.aborted) return null;
      throw thrown;
    }
  },
  cancel: async () => downloading.abort(),
  partial: async () => (await opened).list(),
  discard: async (address) => (await opened).remove(fileUrl(address).href),
};

expose(api);
