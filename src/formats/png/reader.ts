/**
 * Decodes PNG and animated PNG files of every colour type, bit depth and interlacing into RGBA (PNG specification, third edition,
 * sections 7-11). fast-png reads neither interlaced pictures of few bits nor partial frames.
 */
import { unzlibSync } from "fflate";
import { ZoetropeError } from "../../core/errors.ts";
import { MOST_PIXELS } from "../most-pixels.ts";
import { pngChunks } from "./chunks.ts";
import { type ApngFrame, apngFrames } from "./frames.ts";
import { type PixelFormat, pixelFormat, type Samples, writePixels } from "./pixels.ts";
import { unfilter } from "./unfilter.ts";

export interface PngHead {
  readonly width: number;
  readonly height: number;
}

export interface DecodedPng extends PngHead {
  /** The largest value of a sample: 65535 in a file of 16 bits, else 255. */
  readonly top: 255 | 65535;
  /** RGBA: one picture, or every picture of an animation as players show it, decoded as they are asked for. */
  readonly frames: Iterable<Samples>;
}

/** Section 8.2: starting point and distance of the pixels of each of the seven passes. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Width and height, without decoding. Throws `png/not-a-png`, `png/truncated` or `png/damaged`. */
export function readPngHead(bytes: Uint8Array): PngHead {
  const [head] = pngChunks(bytes);
  if (head?.type !== "IHDR" || head.data.length < 13) throw damaged();
  const view = new DataView(head.data.buffer, head.data.byteOffset);
  return { width: view.getUint32(0), height: view.getUint32(4) };
}

/** Throws `png/…`; damage in a picture's data shows when that picture is asked for. */
export function decodePng(bytes: Uint8Array): DecodedPng {
  const { width, height } = readPngHead(bytes);
  if (width === 0 || height === 0) throw damaged();
  if (width * height > MOST_PIXELS) {
    throw new ZoetropeError("png/too-large", {
      message: `This PNG is ${width}×${height}, more than can be read.`,
      hint: "Scale it down.",
    });
  }
  const chunks = [...pngChunks(bytes)];
  const format = pixelFormat(chunks);
  const interlaced = chunks[0]!.data[12] === 1;
  const decode = ({ data, width, height }: ApngFrame) => decodePicture(data, { width, height }, format, interlaced);
  return { width, height, top: format.depth === 16 ? 65535 : 255, frames: apngFrames(chunks, { width, height }, decode) };
}

/** @param packed the picture's data, compressed, in pieces */
function decodePicture(
  packed: readonly Uint8Array[],
  { width, height }: PngHead,
  format: PixelFormat,
  interlaced: boolean,
): Samples {
  const pixels = format.depth === 16 ? new Uint16Array(4 * width * height) : new Uint8ClampedArray(4 * width * height);
  const passes = (interlaced ? ADAM7 : [[0, 0, 1, 1] as const])
    .map(([x, y, dx, dy]) => ({ x, y, dx, dy, columns: Math.ceil((width - x) / dx), rows: Math.ceil((height - y) / dy) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const rowBytes = (columns: number) => Math.ceil((columns * format.bitsPerPixel) / 8);
  const total = passes.reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(columns)), 0);
  const filtered = inflate(packed, total);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows } of passes) {
    const bytes = rowBytes(columns);
    const data = unfilter(filtered.subarray(at, at + rows * (1 + bytes)), rows, Math.max(1, format.bitsPerPixel >> 3));
    at += rows * (1 + bytes);
    for (let row = 0; row < rows; row++)
      writePixels(data.subarray(row * bytes, (row + 1) * bytes), columns, format, pixels, (y + row * dy) * width + x, dx);
  }
  return pixels;
}

/** Exactly `total` bytes, so that a small file cannot unpack into a huge one. */
function inflate(packed: readonly Uint8Array[], total: number): Uint8Array {
  const joined = new Uint8Array(packed.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of packed) {
    joined.set(piece, at);
    at += piece.length;
  }
  try {
    const data = unzlibSync(joined, { out: new Uint8Array(total) });
    if (data.length === total) return data;
  } catch (cause) {
    throw damaged(cause);
  }
  throw damaged();
}

function damaged(cause?: unknown): ZoetropeError {
  return new ZoetropeError("png/damaged", {
    message: "This PNG is damaged.",
    hint: "Download or copy the file again.",
    cause,
  });
}
