/**
 * One GIF in the making, inside the export worker: frames come in one by one, gif.js encodes them in workers of its own,
 * and the settings are put in as a comment.
 */
import GIF from "gif.js";
import gifWorkerUrl from "gif.js/dist/gif.worker.js?url";
import { ZoetropeError } from "../../core/errors.ts";
import { insertGifComment } from "../../formats/gif/comment.ts";

export interface GifOptions {
  /** Size of the frames, and the whole factor they are enlarged by. */
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly loop: boolean;
  readonly comment: string;
  readonly threads: number;
}

/** Below this many pixels a frame's palette is searched over every pixel; above, gif.js's usual tenth. */
const smallFramePixels = 320 * 320;

export class GifEncoder {
  readonly #options: GifOptions;
  readonly #gif: GIF;

  constructor(options: GifOptions) {
    this.#options = options;
    const width = options.width * options.scale;
    const height = options.height * options.scale;
    this.#gif = new GIF({
      width,
      height,
      quality: width * height <= smallFramePixels ? 1 : 10,
      workers: options.threads,
      workerScript: gifWorkerUrl,
      repeat: options.loop ? 0 : -1,
    });
  }

  /** @param pixels RGBA, width × height; @param delayCs centiseconds */
  addFrame(pixels: Uint8ClampedArray<ArrayBuffer>, delayCs: number): void {
    const image = new ImageData(pixels, this.#options.width, this.#options.height);
    this.#gif.addFrame(enlarge(image, this.#options.scale), { delay: delayCs * 10 });
  }

  async encode(onProgress: (fraction: number) => void): Promise<Uint8Array<ArrayBuffer>> {
    const gif = this.#gif;
    const bytes = await new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      // Called through an arrow: gif.js calls listeners with itself as `this`, which a comlink proxy would try to send.
      gif.on("progress", (fraction) => onProgress(fraction));
      gif.on("finished", (_blob, encoded) => resolve(encoded));
      gif.render();
      for (const worker of [...gif.freeWorkers, ...gif.activeWorkers]) worker.onerror = (event) => reject(encoderFailed(event));
    });
    return insertGifComment(bytes, this.#options.comment);
  }
}

function enlarge(image: ImageData, scale: number): ImageData {
  if (scale === 1) return image;
  const source = new OffscreenCanvas(image.width, image.height);
  source.getContext("2d")?.putImageData(image, 0, 0);
  const target = new OffscreenCanvas(image.width * scale, image.height * scale);
  const context = target.getContext("2d", { willReadFrequently: true });
  if (context === null) throw encoderFailed("no 2-D canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, target.width, target.height);
  return context.getImageData(0, 0, target.width, target.height);
}

function encoderFailed(cause: unknown): ZoetropeError {
  return new ZoetropeError("export/encoder-failed", {
    message: "The GIF could not be encoded in this browser.",
    hint: "Reload the page and try again; a smaller size needs less memory.",
    cause,
  });
}
