/** Encodes finished frames into a file without keeping the page busy: each export starts a worker, sends it one frame at a time, and ends it. */
import { proxy, type Remote, releaseProxy, transfer, wrap } from "../../bridge/comlink.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ExportApi } from "../../media/export/export-api.ts";
import { type ExportOptions, mimeTypes, type VideoContainer } from "../../media/export/options.ts";
import type { VideoSize } from "../../media/video/video-codec.ts";

/** @throws ZoetropeError, or the signal's reason when it is aborted. */
export function exportClip(
  frames: readonly ImageData[],
  options: ExportOptions,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  // Progress comes over another channel, so its last message may arrive after the finished file.
  let underWay = true;
  const whileUnderWay = (fraction: number) => {
    if (underWay) onProgress(fraction);
  };
  const made = inWorker(signal, async (api) => {
    await api.begin(options, proxy(whileUnderWay));
    for (const image of frames) {
      const pixels = image.data.slice();
      await api.addFrame(transfer(pixels, [pixels.buffer]));
    }
    return new Blob([await api.finish()], { type: mimeTypes[options.file.format] });
  });
  return made.finally(() => {
    underWay = false;
  });
}

/** The video containers that this browser can encode in this size. */
export function videoFormats(size: VideoSize, signal: AbortSignal): Promise<readonly VideoContainer[]> {
  return inWorker(signal, (api) => api.videoFormats(size));
}

async function inWorker<T>(signal: AbortSignal, work: (api: Remote<ExportApi>) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("../../../workers/export.worker.ts", import.meta.url), { type: "module", name: "export" });
  const api = wrap<ExportApi>(worker);
  try {
    return await Promise.race([work(api), failureOf(worker, signal)]);
  } finally {
    api[releaseProxy]();
    worker.terminate();
  }
}

/** Rejects when the worker dies or the person cancels. */
function failureOf(worker: Worker, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    worker.addEventListener("error", (event) => {
      const message = "The export worker stopped unexpectedly.";
      reject(new ZoetropeError("export/worker-failed", { message, hint: "Reload the page and try again.", cause: event }));
    });
  });
}
