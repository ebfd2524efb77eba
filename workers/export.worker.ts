/** The export worker: encodes one animation, then the page ends it. */
import { expose, transfer } from "../src/bridge/comlink.ts";
import type { ClipEncoder } from "../src/media/export/clip-encoder.ts";
import { createClipEncoder } from "../src/media/export/create-clip-encoder.ts";
import type { ExportApi } from "../src/media/export/export-api.ts";
import type { VideoContainer } from "../src/media/export/options.ts";

let encoder: ClipEncoder | null = null;

function begun(): ClipEncoder {
  if (encoder === null) throw new Error("addFrame or finish was called before begin");
  return encoder;
}

const api: ExportApi = {
  async begin(options, onProgress) {
    encoder = await createClipEncoder(options, onProgress);
  },
  addFrame: async (pixels) => begun().addFrame(pixels),
  async finish() {
    const bytes = await begun().finish();
    return transfer(bytes, [bytes.buffer]);
  },
  async videoFormats(size) {
    const { encodableCodec } = await import("../src/media/video/video-codec.ts");
    const found: VideoContainer[] = [];
    for (const container of ["mp4", "webm"] as const) {
      if ((await encodableCodec(container, size)) !== null) found.push(container);
    }
    return found;
  },
};

expose(api);
