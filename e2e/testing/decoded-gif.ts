/** A GIF as an independent decoder (omggif) sees it. */

import { GifReader } from "omggif";

export interface DecodedGif {
  readonly width: number;
  readonly height: number;
  /** Centiseconds. */
  readonly delays: readonly number[];
  /** null: played once; 0: for ever. */
  readonly loopCount: number | null;
  /** RGBA of the whole picture, frame by frame. */
  readonly frames: readonly Uint8Array[];
  readonly comments: readonly string[];
}

export function decodeGif(bytes: Uint8Array): DecodedGif {
  const reader = new GifReader(bytes);
  const { width, height } = reader;
  const canvas = new Uint8Array(width * height * 4);
  const frames: Uint8Array[] = [];
  const delays: number[] = [];
  for (let i = 0; i < reader.numFrames(); i++) {
    // Later frames are drawn over earlier ones.
    reader.decodeAndBlitFrameRGBA(i, canvas);
    frames.push(canvas.slice());
    delays.push(reader.frameInfo(i).delay);
  }
  return { width, height, delays, loopCount: reader.loopCount(), frames, comments: commentsOf(bytes) };
}

/**
 * omggif skips comments. GIF89a: after the header and the global colour table come extensions (21, label, sub-blocks with their
 * length before them, 00); those with label FE are comments. Zoetrope's stand before the first picture (2C).
 */
function commentsOf(bytes: Uint8Array): string[] {
  const comments: string[] = [];
  const flags = bytes[10]!;
  let at = 13 + ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  while (bytes[at] === 0x21) {
    const isComment = bytes[at + 1] === 0xfe;
    const parts: number[] = [];
    for (at += 2; bytes[at] !== 0; at += 1 + bytes[at]!) parts.push(...bytes.subarray(at + 1, at + 1 + bytes[at]!));
    at += 1;
    if (isComment) comments.push(new TextDecoder().decode(Uint8Array.from(parts)));
  }
  return comments;
}
