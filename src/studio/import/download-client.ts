/** The download worker as the studio uses it; the first call starts it. */
import { proxy, type Remote, wrap } from "../../bridge/comlink.ts";
import type { DownloadApi } from "../../protocol/download.ts";

export function downloadClient(): DownloadApi {
  let remote: Remote<DownloadApi> | null = null;

  function opened(): Remote<DownloadApi> {
    remote ??= wrap<DownloadApi>(
      new Worker(new URL("../../../workers/download.worker.ts", import.meta.url), { type: "module", name: "download" }),
    );
    return remote;
  }

  return {
    download: (order, report) => opened().download(order, proxy(report)),
    find: (address) => opened().find(address),
    cancel: (address) => opened().cancel(address),
    setToken: (address, token) => opened().setToken(address, token),
    partial: () => opened().partial(),
    discard: (address) => opened().discard(address),
  };
}
