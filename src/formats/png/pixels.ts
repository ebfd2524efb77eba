/** Samples of a PNG's rows as RGBA: colour types, bit depths, palettes, transparent colours (PNG specification, third edition, sections 6, 7 and 11). */
import { ZoetropeError } from "../../core/errors.ts";
import type { PngChunk } from "./chunks.ts";

/** RGBA: 8 bits a sample, or 16 in a file of 16 bits. */
export type Samples = Uint8ClampedArray<ArrayBuffer> | Uint16Array<ArrayBuffer>;

export interface PixelFormat {
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  readonly channels: number;
  readonly bitsPerPixel: number;
  /** RGBA of each index; null: the samples are colours. */
  readonly palette: readonly (readonly number[])[] | null;
  /** The one colour that is transparent, as samples of the file. */
  readonly transparent: readonly number[] | null;
}

const GREY = 0;
const INDEXED = 3;
/** By colour type, with the depths that it allows (table 11.1). */
const COLOUR_TYPES: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  [GREY]: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  [INDEXED]: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

/** @throws ZoetropeError `png/damaged` */
export function pixelFormat(chunks: readonly PngChunk[]): PixelFormat {
  const [depth = 0, colourType = -1] = chunks[0]!.data.subarray(8);
  const type = COLOUR_TYPES[colourType];
  const data = (name: string) => chunks.find(({ type }) => type === name)?.data;
  const [colours, clear] = [data("PLTE"), data("tRNS")];
  if (!type?.depths.includes(depth) || (colourType === INDEXED && colours === undefined)) {
    throw new ZoetropeError("png/damaged", { message: "This PNG is damaged.", hint: "Download or copy the file again." });
  }
  const { channels } = type;
  const indexed = colourType === INDEXED;
  return {
    depth,
    channels,
    bitsPerPixel: channels * depth,
    palette: indexed ? paletteOf(colours!, clear) : null,
    transparent: indexed || clear === undefined || channels === 2 || channels === 4 ? null : uint16s(clear).slice(0, channels),
  };
}

/** Every index that the depth allows has an entry, because files use more than they define; those are black, as in browsers. */
function paletteOf(colours: Uint8Array, alphas: Uint8Array = new Uint8Array()): number[][] {
  return Array.from({ length: 256 }, (_, i) => [...[0, 1, 2].map((channel) => colours[3 * i + channel] ?? 0), alphas[i] ?? 255]);
}

function uint16s(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length >> 1 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
}

/** Writes a row of `count` pixels to `pixels`, from pixel `at` on, `step` pixels apart. */
export function writePixels(
  row: Uint8Array,
  count: number,
  format: PixelFormat,
  pixels: Samples,
  at: number,
  step: number,
): void {
  const { depth, channels, palette, transparent } = format;
  const grey = channels < 3;
  const top = depth === 16 ? 65535 : 255;
  /** Samples of few bits spread over the whole range (section 13.12). */
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  for (let i = 0, to = 4 * at; i < count; i++, to += 4 * step) {
    const first = i * channels;
    if (palette !== null) {
      const colour = palette[sample(row, first, depth)]!;
      for (let channel = 0; channel < 4; channel++) pixels[to + channel] = colour[channel]!;
      continue;
    }
    for (let channel = 0; channel < 3; channel++) pixels[to + channel] = sample(row, first + (grey ? 0 : channel), depth) * scale;
    if (channels === 2 || channels === 4) pixels[to + 3] = sample(row, first + channels - 1, depth);
    else pixels[to + 3] = transparent?.every((value, channel) => sample(row, first + channel, depth) === value) ? 0 : top;
  }
}

/** The i-th sample of a row; those of few bits lie packed, the leftmost in the highest bits. */
function sample(row: Uint8Array, i: number, depth: number): number {
  if (depth === 8) return row[i]!;
  if (depth === 16) return (row[2 * i]! << 8) | row[2 * i + 1]!;
  const bit = i * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}
