/**
 * Writes GIF89a files from pictures that are already indexed: header, colour tables, loop, comments, frames.
 * Sections refer to the GIF89a specification (CompuServe, 1990).
 */
import { applicationLabel, extensionIntroducer } from "./blocks.ts";
import { lzwEncode } from "./lzw.ts";

/** Colours as RGB triples, 1-256 of them. */
export type ColourTable = Uint8Array;

export interface GifFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** width × height, into the frame's own table or else the global one. */
  readonly indices: Uint8Array;
  /** null: the global table. */
  readonly colours: ColourTable | null;
  /** Pixels of this index keep the picture below. */
  readonly transparent: number | null;
  readonly delayCs: number;
}

export interface GifHead {
  readonly width: number;
  readonly height: number;
  /** null: every frame brings its own. */
  readonly colours: ColourTable | null;
  /** Number of times that it plays: 0 for ever, 1 once. */
  readonly plays: number;
}

const graphicControlLabel = 0xf9;
const imageSeparator = 0x2c;
const trailer = 0x3b;
/** Section 23: leave the picture in place; the next is drawn over it. */
const keepPicture = 1;

export class GifWriter {
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  readonly #globalBits: number;

  constructor({ width, height, colours, plays }: GifHead) {
    this.#globalBits = colours === null ? 0 : tableBits(colours);
    // Sections 17 and 18: signature, logical screen; colour resolution 8 bits, no background, no aspect ratio.
    const flags = colours === null ? 0x70 : 0xf0 | (this.#globalBits - 1);
    this.#push([...new TextEncoder().encode("GIF89a"), ...uint16(width), ...uint16(height), flags, 0, 0]);
    if (colours !== null) this.#parts.push(paddedTable(colours));
    if (plays !== 1) this.#push(loopExtension(plays === 0 ? 0 : plays - 1));
  }

  addFrame(frame: GifFrame): void {
    this.addSmaller([frame]);
  }

  /** Adds the one of several renditions of a frame that takes fewest bytes; @returns its place among them. */
  addSmaller(renditions: readonly GifFrame[]): number {
    const packed = renditions.map(({ indices, colours }) => lzwEncode(indices, Math.max(2, this.#bitsOf(colours))));
    let smallest = 0;
    for (let i = 1; i < packed.length; i++) if (packed[i]!.length < packed[smallest]!.length) smallest = i;
    this.#pushFrame(renditions[smallest]!, packed[smallest]!);
    return smallest;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#push([trailer]);
    const bytes = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.byteLength, 0));
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.byteLength;
    }
    return bytes;
  }

  #pushFrame({ x, y, width, height, colours, transparent, delayCs }: GifFrame, packed: Uint8Array<ArrayBuffer>): void {
    const flags = (keepPicture << 2) | (transparent === null ? 0 : 1);
    this.#push([extensionIntroducer, graphicControlLabel, 4, flags, ...uint16(delayCs), transparent ?? 0, 0]);
    const tableFlags = colours === null ? 0 : 0x80 | (tableBits(colours) - 1);
    this.#push([imageSeparator, ...uint16(x), ...uint16(y), ...uint16(width), ...uint16(height), tableFlags]);
    if (colours !== null) this.#parts.push(paddedTable(colours));
    this.#parts.push(packed);
  }

  #bitsOf(colours: ColourTable | null): number {
    return colours === null ? this.#globalBits : tableBits(colours);
  }

  #push(bytes: readonly number[]): void {
    this.#parts.push(Uint8Array.from(bytes));
  }
}

/** Section 26 and Netscape's application block: how often it repeats after the first time, 0 for ever. */
function loopExtension(repeats: number): number[] {
  return [extensionIntroducer, applicationLabel, 11, ...new TextEncoder().encode("NETSCAPE2.0"), 3, 1, ...uint16(repeats), 0];
}

/** Tables hold a power of two of colours, at least 2. */
function tableBits(colours: ColourTable): number {
  return Math.max(1, Math.ceil(Math.log2(colours.length / 3)));
}

function paddedTable(colours: ColourTable): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(3 << tableBits(colours));
  table.set(colours);
  return table;
}

function uint16(value: number): [number, number] {
  return [value & 0xff, value >> 8];
}
