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

/** omggif skips comments. GIF89a section 24: 21 FE, sub-blocks with their length before them, 00. */
function commentsOf(bytes: Uint8Array): string[] {
  const comments: string[] = [];
  // Comments come before the first picture's graphic control extension here; pixels are never looked at.
  const end = indexOfPair(bytes, 0x21, 0xf9, 13);
  for (let at = indexOfPair(bytes, 0x21, 0xfe, 13); at !== -1 && at < end; at = indexOfPair(bytes, 0x21, 0xfe, at)) {
    const parts: number[] = [];
    for (at += 2; bytes[at] !== 0; at += 1 + bytes[at]!) parts.push(...bytes.subarray(at + 1, at + 1 + bytes[at]!));
    comments.push(new TextDecoder().decode(Uint8Array.from(parts)));
  }
  return comments;
}

function indexOfPair(bytes: Uint8Array, first: number, second: number, from: number): number {
  for (let i = from; i + 1 < bytes.length; i++) if (bytes[i] === first && bytes[i + 1] === second) return i;
  return -1;
}
