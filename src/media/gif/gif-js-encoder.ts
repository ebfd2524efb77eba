/** The compatible way to a GIF: gif.js encodes every frame with a palette of its own, in workers of its own. */
import GIF from "gif.js";
import gifWorkerUrl from "gif.js/dist/gif.worker.js?url";
import { ZoetropeError } from "../../core/errors.ts";
import { insertGifComment } from "../../formats/gif/comment.ts";
import type { GifClip } from "./encode-gif.ts";

/** Below this many pixels a frame's palette is searched over every pixel; above, gif.js's usual tenth. */
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
    // Called through an arrow: gif.js calls listeners with itself as `this`, which a comlink proxy would try to send.
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
