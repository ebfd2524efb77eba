/**
 * Decodes a GIF into whole pictures, composed as players show them (GIF89a specification, sections 18-23). omggif, which decodes
 * single frames, leaves composing to its callers, and misplaces interlaced frames of up to four rows.
 */

import { ZoetropeError } from "../../core/errors.ts";
import { MOST_PIXELS } from "../most-pixels.ts";
import { type GifBlock, gifBlocks } from "./blocks.ts";
import { lzwDecode } from "./lzw-decode.ts";

export interface GifPictures {
  readonly width: number;
  readonly height: number;
  /** RGBA; empty where the file has none. Places that no frame has drawn are transparent. */
  readonly frames: readonly Uint8ClampedArray<ArrayBuffer>[];
}

interface GraphicControl {
  /** 2: clear the frame's area afterwards; 3: bring back what was there before; else leave it. */
  readonly disposal: number;
  readonly transparent: number | null;
}

interface Image {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly colours: Uint8Array;
  /** Place of the minimum code size. */
  readonly data: number;
}

const GRAPHIC_CONTROL = 0xf9;
const PLAIN_TEXT = 0x01;
const CLEAR = 2;
const RESTORE = 3;
/** Appendix E: first row and distance of the rows of the four passes. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;
const PLAIN: GraphicControl = { disposal: 0, transparent: null };

/** @throws ZoetropeError `gif/not-a-gif`, `gif/truncated` or `gif/too-large` */
export function readGif(gif: Uint8Array): GifPictures {
  const { width, height, images } = listImages(gif);
  if (width * height * images.length > MOST_PIXELS * 4) {
    throw new ZoetropeError("gif/too-large", {
      message: `This GIF has ${images.length} pictures of ${width}×${height}, more than can be read.`,
      hint: "Shorten it or scale it down.",
    });
  }
  let canvas = new Uint8ClampedArray(4 * width * height);
  const frames = images.map(({ image, control }) => {
    const before = control.disposal === RESTORE ? canvas.slice() : null;
    draw(gif, image, control, canvas, width, height);
    const shown = canvas.slice();
    if (before !== null) canvas = before;
    else if (control.disposal === CLEAR) clear(canvas, width, height, image);
    return shown;
  });
  return { width, height, frames };
}

function listImages(gif: Uint8Array) {
  const images: { image: Image; control: GraphicControl }[] = [];
  let control = PLAIN;
  for (const block of wholeBlocks(gif)) {
    if (block.kind === "extension" && block.label === GRAPHIC_CONTROL) control = controlAt(gif, block.start);
    else if (block.kind === "extension" && block.label === PLAIN_TEXT) control = PLAIN;
    else if (block.kind === "image") {
      images.push({ image: imageAt(gif, block.start), control });
      control = PLAIN;
    }
  }
  // A screen without a size takes that of the first picture, as in browsers.
  const [width, height] = [uint16(gif, 6) || images[0]?.image.width || 0, uint16(gif, 8) || images[0]?.image.height || 0];
  return { width, height, images };
}

/** All blocks. A file that ends after a whole block and only lacks its trailer is read like any other, as in players. */
function* wholeBlocks(gif: Uint8Array): Generator<GifBlock> {
  let end = 0;
  try {
    for (const block of gifBlocks(gif)) {
      end = block.end;
      yield block;
    }
  } catch (error) {
    if (end !== gif.length) throw error;
  }
}

function controlAt(gif: Uint8Array, start: number): GraphicControl {
  const flags = gif[start + 3]!;
  return { disposal: (flags >> 2) & 7, transparent: flags & 1 ? gif[start + 6]! : null };
}

function imageAt(gif: Uint8Array, start: number): Image {
  const flags = gif[start + 9]!;
  const tableBytes = (packed: number) => (packed & 0x80 ? 3 << ((packed & 7) + 1) : 0);
  const local = tableBytes(flags);
  const data = start + 10 + local;
  return {
    x: uint16(gif, start + 1),
    y: uint16(gif, start + 3),
    width: uint16(gif, start + 5),
    height: uint16(gif, start + 7),
    interlaced: (flags & 0x40) !== 0,
    colours: local > 0 ? gif.subarray(start + 10, data) : gif.subarray(13, 13 + tableBytes(gif[10]!)),
    data,
  };
}

/** Draws what lies within the screen. */
function draw(
  gif: Uint8Array,
  image: Image,
  { transparent }: GraphicControl,
  canvas: Uint8ClampedArray,
  width: number,
  height: number,
): void {
  const indices = lzwDecode(gif, image.data, image.width * image.height);
  const columns = Math.min(image.width, width - image.x);
  for (const [from, row] of rowsOf(image).entries()) {
    const y = image.y + row;
    if (y >= height) continue;
    for (let x = 0; x < columns; x++) {
      const index = indices[from * image.width + x];
      // Data that ends early leaves the rest of the picture as it was.
      if (index === undefined || index === transparent) continue;
      const to = 4 * (y * width + image.x + x);
      for (let channel = 0; channel < 3; channel++) canvas[to + channel] = image.colours[3 * index + channel] ?? 0;
      canvas[to + 3] = 255;
    }
  }
}

/** Rows in the order in which the data has them. */
function rowsOf({ height, interlaced }: Image): number[] {
  const rows: number[] = [];
  for (const [start, step] of interlaced ? PASSES : ([[0, 1]] as const)) for (let y = start; y < height; y += step) rows.push(y);
  return rows;
}

function clear(canvas: Uint8ClampedArray, width: number, height: number, image: Image): void {
  const right = Math.min(image.x + image.width, width);
  for (let y = image.y; y < Math.min(image.y + image.height, height) && right > image.x; y++)
    canvas.fill(0, 4 * (y * width + image.x), 4 * (y * width + right));
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}
