/** The download worker: fetches files beside the engine. Errors cross as plain `ErrorInfo`. */

import { expose } from "comlink";
import { ZoetropeError } from "../src/core/errors.ts";
import type { DownloadApi } from "../src/protocol/download.ts";
import { downloadFile, fileUrl } from "../src/runtime/web/library/download.ts";
import { openPrivateFolder } from "../src/storage/opfs.ts";
import { MemoryPartialFiles, OpfsPartialFiles, type PartialFiles } from "../src/storage/partial-files.ts";

const opened = openPrivateFolder().then((folder): PartialFiles | Promise<PartialFiles> =>
  folder === null ? new MemoryPartialFiles() : OpfsPartialFiles.open(folder),
);
let downloading = new AbortController();

async function plain<T>(call: (files: PartialFiles) => Promise<T>): Promise<T> {
  try {
    return await call(await opened);
  } catch (thrown) {
    throw ZoetropeError.from(thrown).toInfo();
  }
}

const api: DownloadApi = {
  download: (address, report) =>
    plain(async (files) => {
      downloading = new AbortController();
      const { signal } = downloading;
      try {
        return await downloadFile(address, { files, report, signal });
      } catch (thrown) {
        if (signal.aborted) return null;
        throw thrown;
      }
    }),
  cancel: async () => downloading.abort(),
  partial: () => plain((files) => files.list()),
  discard: (address) => plain((files) => files.remove(fileUrl(address).href)),
};

expose(api);
