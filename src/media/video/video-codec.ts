/** Which codec this browser can put into which kind of video file. */
import { canEncodeVideo, type VideoCodec } from "mediabunny";
import type { VideoContainer } from "../export/options.ts";

/** MP4 is chosen for players that know only H.264; players of WebM know all of these, and the earlier ones look better. */
const codecs: Readonly<Record<VideoContainer, readonly VideoCodec[]>> = { mp4: ["avc"], webm: ["vp9", "av1", "vp8"] };

export interface VideoSize {
  readonly width: number;
  readonly height: number;
}

/** null: none. H.264 has no odd sizes; clips are multiples of 8. */
export async function encodableCodec(container: VideoContainer, { width, height }: VideoSize): Promise<VideoCodec | null> {
  for (const codec of codecs[container]) {
    if (await canEncodeVideo(codec, { width, height })) return codec;
  }
  return null;
}
