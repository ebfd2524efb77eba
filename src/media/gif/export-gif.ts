/**
 * Makes a GIF of ready frames without keeping the page busy: a worker of its own for each export, thrown away at the end,
 * to which the frames go one at a time.
 */
import { proxy, releaseProxy, transfer, wrap } from "comlink";
import type { ExportWorker } from "../../../workers/export.worker.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { GifOptions } from "./export-job.ts";

export interface GifFrame {
  readonly image: ImageData;
  readonly delayCs: number;
}

/** @throws ZoetropeError, or the signal's reason when it is aborted. */
export async function exportGif(
  frames: readonly GifFrame[],
  options: GifOptions,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("../../../workers/export.worker.ts", import.meta.url), { type: "module", name: "export" });
  const api = wrap<ExportWorker>(worker);
  const encode = async () => {
    await api.begin(options);
    for (const { image, delayCs } of frames) {
      const pixels = image.data.slice();
      await api.addFrame(transfer(pixels, [pixels.buffer]), delayCs);
    }
    const bytes = await api.encode(proxy(onProgress));
    return new Blob([bytes], { type: "image/gif" });
  };
  try {
    return await Promise.race([encode(), failureOf(worker, signal)]);
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
