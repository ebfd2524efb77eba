/** Writes still PNG files and animated ones (PNG specification, third edition, sections 11.2 and 11.3.5) from deflated pictures. */
import { type PngChunk, writePng } from "./chunks.ts";

export interface PngHead {
  readonly width: number;
  readonly height: number;
  /** Chunks of text before the picture. */
  readonly texts: readonly PngChunk[];
}

/** @param data an 8-bit truecolour picture as `pictureData` makes it */
export function stillPng({ width, height, texts }: PngHead, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return writePng([header(width, height), ...texts, { type: "IDAT", data }, end]);
}

export interface ApngFrame {
  /** Place within the whole picture; the first frame covers it all. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** @param plays 0: for ever; @param fps whole frames per second, 1-65535, kept exactly */
export function animatedPng(
  { width, height, texts }: PngHead,
  frames: readonly ApngFrame[],
  fps: number,
  plays: number,
): Uint8Array<ArrayBuffer> {
  let sequence = 0;
  const pictures = frames.flatMap((frame, i): PngChunk[] => {
    const control = { type: "fcTL", data: frameControl(frame, sequence++, fps) };
    if (i === 0) return [control, { type: "IDAT", data: frame.data }];
    return [control, { type: "fdAT", data: concat(uint32(sequence++), frame.data) }];
  });
  const animation = { type: "acTL", data: concat(uint32(frames.length), uint32(plays)) };
  return writePng([header(width, height), animation, ...texts, ...pictures, end]);
}

const end: PngChunk = { type: "IEND", data: new Uint8Array() };

/** Eight bits of red, green and blue; deflate, the five filters, not interlaced. */
function header(width: number, height: number): PngChunk {
  return { type: "IHDR", data: concat(uint32(width), uint32(height), Uint8Array.of(8, 2, 0, 0, 0)) };
}

/** The frame stays when its time is over, and replaces what is below it. */
function frameControl({ x, y, width, height }: ApngFrame, sequence: number, fps: number): Uint8Array {
  const numbers = [sequence, width, height, x, y].map(uint32);
  return concat(...numbers, Uint8Array.of(0, 1, fps >> 8, fps & 0xff, 0, 0));
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
