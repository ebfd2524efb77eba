/** The export worker: encodes one animation, then is thrown away. Errors cross as plain `ErrorInfo`. */
import { expose, transfer } from "comlink";
import { ZoetropeError } from "../src/core/errors.ts";
import { GifEncoder, type GifOptions } from "../src/media/gif/gif-encoder.ts";

let encoder: GifEncoder | null = null;

const api = {
  begin(options: GifOptions): void {
    encoder = new GifEncoder(options);
  },
  addFrame(pixels: Uint8ClampedArray<ArrayBuffer>, delayCs: number): void {
    encoder?.addFrame(pixels, delayCs);
  },
  async encode(onProgress: (fraction: number) => void): Promise<Uint8Array<ArrayBuffer>> {
    try {
      if (encoder === null) throw new Error("encode before begin");
      const bytes = await encoder.encode(onProgress);
      return transfer(bytes, [bytes.buffer]);
    } catch (thrown) {
      throw ZoetropeError.from(thrown).toInfo();
    }
  },
};

export type ExportWorker = typeof api;

expose(api);
