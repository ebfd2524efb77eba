/** Decodes a GIF with an independent decoder, omggif. */

import { GifReader } from "omggif";

export interface DecodedGif {
  readonly width: number;
  readonly height: number;
  /** Centiseconds. */
  readonly delays: readonly number[];
  /** null plays once, 0 for ever. */
  readonly loopCount: number | null;
  /** RGBA of the whole picture for each frame. */
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
    // A frame holds only changed pixels, so it is drawn over the earlier ones.
    reader.decodeAndBlitFrameRGBA(i, canvas);
    frames.push(canvas.slice());
    delays.push(reader.frameInfo(i).delay);
  }
  return { width, height, delays, loopCount: reader.loopCount(), frames, comments: commentsOf(bytes) };
}

/**
 * Reads the comments, which omggif skips. In GIF89a, extensions follow the header and the global colour table: 21, a
 * label, sub-blocks that begin with their length, 00. Label FE marks a comment. Zoetrope writes its comments before the
 * first picture (2C).
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
