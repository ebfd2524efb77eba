/** Finds the codec that this browser can encode into a video file. */
import { canEncodeVideo, type VideoCodec } from "mediabunny";
import type { VideoContainer } from "../export/options.ts";

/** In order of preference. MP4 is for players that know only H.264; WebM players know all of its three, and the earlier ones look better. */
const codecs: Readonly<Record<VideoContainer, readonly VideoCodec[]>> = { mp4: ["avc"], webm: ["vp9", "av1", "vp8"] };

export interface VideoSize {
  readonly width: number;
  readonly height: number;
}

/** null: none. H.264 needs even sizes, which clips have, as multiples of 8. */
export async function encodableCodec(container: VideoContainer, { width, height }: VideoSize): Promise<VideoCodec | null> {
  for (const codec of codecs[container]) {
    if (await canEncodeVideo(codec, { width, height })) return codec;
  }
  return null;
}
