/** The export worker as the page sees it (through comlink). Types only. This interface lies next to the encoders because it takes their options. */
import type { VideoSize } from "../video/video-codec.ts";
import type { Pixels, Progress } from "./clip-encoder.ts";
import type { ExportOptions, VideoContainer } from "./options.ts";

/** One worker encodes one clip: `begin`, `addFrame` once a frame, `finish`. Calls reject with a ZoetropeError. */
export interface ExportApi {
  begin(options: ExportOptions, onProgress: Progress): Promise<void>;
  addFrame(pixels: Pixels): Promise<void>;
  /** The bytes of the file. */
  finish(): Promise<Uint8Array<ArrayBuffer>>;
  /** The video containers that this browser can encode in this size. */
  videoFormats(size: VideoSize): Promise<readonly VideoContainer[]>;
}
