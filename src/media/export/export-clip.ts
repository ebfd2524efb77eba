/**
 * Makes a file of ready frames without keeping the page busy: a worker of its own for each export, thrown away at the end,
 * to which the frames go one at a time.
 */
import { proxy, type Remote, releaseProxy, transfer, wrap } from "comlink";
import type { ExportWorker } from "../../../workers/export.worker.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { VideoSize } from "../video/video-codec.ts";
import { type ExportOptions, mimeTypes, type VideoContainer } from "./options.ts";

/** @throws ZoetropeError, or the signal's reason when it is aborted. */
export function exportClip(
  frames: readonly ImageData[],
  options: ExportOptions,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  // Progress comes over a channel of its own, where its last message may be overtaken by the finished file.
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

/** Which video files this browser can make in this size. */
export function videoFormats(size: VideoSize, signal: AbortSignal): Promise<readonly VideoContainer[]> {
  return inWorker(signal, (api) => api.videoFormats(size));
}

async function inWorker<T>(signal: AbortSignal, work: (api: Remote<ExportWorker>) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("../../../workers/export.worker.ts", import.meta.url), { type: "module", name: "export" });
  const api = wrap<ExportWorker>(worker);
  try {
    return await Promise.race([work(api), failureOf(worker, signal)]);
  } catch (thrown) {
    throw isErrorInfo(thrown) ? ZoetropeError.fromInfo(thrown) : thrown;
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

function isErrorInfo(thrown: unknown): thrown is { code: string; message: string; hint: string } {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "hint" in thrown;
}
