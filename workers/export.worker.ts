/** The export worker: encodes one animation, then is thrown away. Errors cross as plain `ErrorInfo`. */
import { expose, transfer } from "comlink";
import { ZoetropeError } from "../src/core/errors.ts";
import { type ClipEncoder, clipEncoder, type Pixels, type Progress } from "../src/media/export/clip-encoder.ts";
import type { ExportOptions, VideoContainer } from "../src/media/export/options.ts";
import type { VideoSize } from "../src/media/video/video-codec.ts";

let encoder: ClipEncoder | null = null;

async function plain<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw ZoetropeError.from(thrown).toInfo();
  }
}

function begun(): ClipEncoder {
  if (encoder === null) throw new Error("a frame before begin");
  return encoder;
}

const api = {
  begin: (options: ExportOptions, onFraction: Progress) =>
    plain(async () => {
      encoder = await clipEncoder(options, onFraction);
    }),
  addFrame: (pixels: Pixels) => plain(async () => begun().addFrame(pixels)),
  finish: () =>
    plain(async () => {
      const bytes = await begun().finish();
      return transfer(bytes, [bytes.buffer]);
    }),
  /** Which of the video files this browser can make in this size. */
  videoFormats: (size: VideoSize) =>
    plain(async (): Promise<VideoContainer[]> => {
      const { encodableCodec } = await import("../src/media/video/video-codec.ts");
      const found: VideoContainer[] = [];
      for (const container of ["mp4", "webm"] as const) {
        if ((await encodableCodec(container, size)) !== null) found.push(container);
      }
      return found;
    }),
};

export type ExportWorker = typeof api;

expose(api);
