/** The export worker: encodes one animation, then is thrown away. Errors cross as plain `ErrorInfo`. */
import { expose, transfer } from "comlink";
import { ZoetropeError } from "../src/core/errors.ts";
import { GifJob, type GifOptions } from "../src/media/gif/export-job.ts";

let job: GifJob | null = null;

const api = {
  begin(options: GifOptions): void {
    job = new GifJob(options);
  },
  addFrame(pixels: Uint8ClampedArray<ArrayBuffer>, delayCs: number): void {
    job?.addFrame(pixels, delayCs);
  },
  async encode(onProgress: (fraction: number) => void): Promise<Uint8Array<ArrayBuffer>> {
    try {
      if (job === null) throw new Error("encode before begin");
      const bytes = await job.encode(onProgress);
      return transfer(bytes, [bytes.buffer]);
    } catch (thrown) {
      throw ZoetropeError.from(thrown).toInfo();
    }
  },
};

export type ExportWorker = typeof api;

expose(api);
