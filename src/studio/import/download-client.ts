/** The download worker as the studio uses it; it is started by the first call. */
import { proxy, type Remote, wrap } from "comlink";
import type { DownloadApi } from "../../protocol/download.ts";
import { revive } from "../engine/client.ts";

export function downloadClient(): DownloadApi {
  let remote: Remote<DownloadApi> | null = null;

  async function call<T>(use: (api: Remote<DownloadApi>) => Promise<T>): Promise<T> {
    remote ??= wrap<DownloadApi>(
      new Worker(new URL("../../../workers/download.worker.ts", import.meta.url), { type: "module", name: "download" }),
    );
    try {
      return await use(remote);
    } catch (thrown) {
      throw revive(thrown);
    }
  }

  return {
    download: (address, report) => call((api) => api.download(address, proxy(report))),
    cancel: () => call((api) => api.cancel()),
    partial: () => call((api) => api.partial()),
    discard: (address) => call((api) => api.discard(address)),
  };
}
