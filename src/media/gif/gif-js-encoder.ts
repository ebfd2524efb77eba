/** Encodes a GIF with gif.js, the compatible encoder: it gives every frame its own palette, and starts its own workers. */
import GIF from "gif.js";
import gifWorkerUrl from "gif.js/dist/gif.worker.js?url";
import { ZoetropeError } from "../../core/errors.ts";
import { insertGifComment } from "../../formats/gif/comment.ts";
import type { GifClip } from "./encode-gif.ts";

/** A frame with at most this many pixels has its palette searched over every pixel; a larger frame over every tenth, gif.js's default. */
const smallFramePixels = 320 * 320;

export async function encodeWithGifJs(
  clip: GifClip,
  threads: number,
  onFraction: (done: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, frames, delaysCs, plays, comment } = clip;
  const gif = new GIF({
    width,
    height,
    quality: width * height <= smallFramePixels ? 1 : 10,
    workers: threads,
    workerScript: gifWorkerUrl,
    repeat: plays === 0 ? 0 : plays === 1 ? -1 : plays - 1,
  });
  for (const [i, frame] of frames.entries()) gif.addFrame(new ImageData(frame, width, height), { delay: delaysCs[i]! * 10 });
  const bytes = await new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    // The arrow drops `this`: gif.js calls listeners with itself as `this`, which a comlink proxy would try to send.
    gif.on("progress", (fraction) => onFraction(fraction));
    gif.on("finished", (_blob, encoded) => resolve(encoded));
    gif.render();
    for (const worker of [...gif.freeWorkers, ...gif.activeWorkers]) worker.onerror = (event) => reject(encoderFailed(event));
  });
  return insertGifComment(bytes, comment);
}

function encoderFailed(cause: unknown): ZoetropeError {
  return new ZoetropeError("export/encoder-failed", {
    message: "The GIF could not be encoded in this browser.",
    hint: "Reload the page and try again; a smaller size needs less memory.",
    cause,
  });
}
