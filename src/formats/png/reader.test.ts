import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { type PngChunk, writePng } from "./chunks.ts";
import { decodePng } from "./reader.ts";

function uint32s(...values: number[]): number[] {
  return values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
}

function chunk(type: string, data: ArrayLike<number>): PngChunk {
  return { type, data: Uint8Array.from(data) };
}

interface Head {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced?: boolean;
}

/** @param rows bytes of each row, without filters */
function png(
  { width, height, depth, colourType, interlaced }: Head,
  rows: readonly number[][],
  before: readonly PngChunk[] = [],
) {
  const head = [...uint32s(width, height), depth, colourType, 0, 0, interlaced ? 1 : 0];
  const data = zlibSync(Uint8Array.from(rows.flatMap((row) => [0, ...row])));
  return writePng([chunk("IHDR", head), ...before, chunk("IDAT", data), chunk("IEND", [])]);
}

function pixels(bytes: Uint8Array): number[][] {
  const [frame] = decodePng(bytes).frames;
  return Array.from({ length: frame!.length / 4 }, (_, i) => [...frame!.subarray(4 * i, 4 * i + 4)]);
}

const grey = (...values: number[]) => values.map((value) => [value, value, value, 255]);

describe("every bit depth of", () => {
  it("grey", () => {
    const row = { width: 3, height: 1, colourType: 0 };
    expect(pixels(png({ ...row, depth: 1 }, [[0b10100000]]))).toEqual(grey(255, 0, 255));
    expect(pixels(png({ ...row, depth: 2 }, [[0b11011000]]))).toEqual(grey(255, 85, 170));
    expect(pixels(png({ ...row, depth: 4 }, [[0xf1, 0x20]]))).toEqual(grey(255, 17, 34));
    expect(pixels(png({ ...row, depth: 8 }, [[7, 0, 255]]))).toEqual(grey(7, 0, 255));
    const deep = decodePng(png({ ...row, width: 1, depth: 16 }, [[1, 2]]));
    expect([deep.top, ...[...deep.frames][0]!]).toEqual([65535, 258, 258, 258, 65535]);
  });

  it("a palette, with the alpha that some of its colours have", () => {
    const palette = [chunk("PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9]), chunk("tRNS", [128])];
    const [first, second, third] = [
      [1, 2, 3, 128],
      [4, 5, 6, 255],
      [7, 8, 9, 255],
    ];
    const row = { width: 3, height: 1, colourType: 3 };
    expect(pixels(png({ ...row, depth: 1 }, [[0b01000000]], palette))).toEqual([first, second, first]);
    expect(pixels(png({ ...row, depth: 2 }, [[0b00011000]], palette))).toEqual([first, second, third]);
    expect(pixels(png({ ...row, depth: 4 }, [[0x21, 0x00]], palette))).toEqual([third, second, first]);
    expect(pixels(png({ ...row, depth: 8 }, [[2, 1, 0]], palette))).toEqual([third, second, first]);
  });

  it("colours, with one that is transparent", () => {
    const clear = [chunk("tRNS", [0, 1, 0, 2, 0, 3])];
    expect(pixels(png({ width: 2, height: 1, depth: 8, colourType: 2 }, [[1, 2, 3, 4, 5, 6]], clear))).toEqual([
      [1, 2, 3, 0],
      [4, 5, 6, 255],
    ]);
  });

  it("grey and colours with alpha", () => {
    expect(pixels(png({ width: 1, height: 1, depth: 8, colourType: 4 }, [[9, 100]]))).toEqual([[9, 9, 9, 100]]);
    expect(pixels(png({ width: 1, height: 1, depth: 16, colourType: 6 }, [[0, 1, 0, 2, 0, 3, 0, 4]]))).toEqual([[1, 2, 3, 4]]);
  });
});

it("interlaced pixels of one bit come to their places", () => {
  // 3×2: passes 1 (pixel 0,0), 4 (2,0), 6 (1,0) and 7 (row 1).
  const rows = [[0b10000000], [0b10000000], [0], [0b01000000]];
  expect(pixels(png({ width: 3, height: 2, depth: 1, colourType: 0, interlaced: true }, rows))).toEqual(
    grey(255, 0, 255, 0, 255, 0),
  );
});

describe("an animated PNG", () => {
  const frame = (order: number, x: number, width: number, disposal: number, blend: number) =>
    chunk("fcTL", [...uint32s(order, width, 1, x, 0), 0, 1, 0, 10, disposal, blend]);
  const data = (...rgba: number[]) => zlibSync(Uint8Array.from([0, ...rgba]));
  const [red, green, half] = [
    [255, 0, 0, 255],
    [0, 255, 0, 255],
    [0, 0, 255, 128],
  ] as const;
  const clear = [0, 0, 0, 0];
  const file = (...chunks: PngChunk[]) =>
    writePng([chunk("IHDR", [...uint32s(2, 1), 8, 6, 0, 0, 0]), chunk("acTL", uint32s(3, 0)), ...chunks, chunk("IEND", [])]);
  const shown = (bytes: Uint8Array) => Array.from(decodePng(bytes).frames, (pixels) => [...pixels]);

  it("shows each frame over what its predecessor left", () => {
    const animation = (disposal: number) =>
      shown(
        file(
          frame(0, 0, 2, 0, 0),
          chunk("IDAT", data(...red, ...red)),
          frame(1, 1, 1, disposal, 0),
          chunk("fdAT", [...uint32s(2), ...data(...green)]),
          frame(3, 0, 1, 0, 1),
          chunk("fdAT", [...uint32s(4), ...data(...half)]),
        ),
      );
    const blended = [127, 0, 128, 255];
    expect(animation(0)).toEqual([
      [...red, ...red],
      [...red, ...green],
      [...blended, ...green],
    ]);
    expect(animation(1)[2]).toEqual([...blended, ...clear]);
    expect(animation(2)[2]).toEqual([...blended, ...red]);
  });

  it("leaves out the still for other programs", () => {
    expect(
      shown(
        file(
          chunk("IDAT", data(...green, ...green)),
          frame(0, 0, 2, 0, 0),
          chunk("fdAT", [...uint32s(1), ...data(...red, ...red)]),
        ),
      ),
    ).toEqual([[...red, ...red]]);
  });
});

it("damage and absurd sizes are refused", () => {
  const head = { width: 2, height: 1, depth: 8, colourType: 0 };
  expect(() => [...decodePng(png(head, [[1]])).frames]).toThrow("damaged");
  expect(() => decodePng(png({ ...head, depth: 3 }, [[1, 2]]))).toThrow("damaged");
  expect(() => decodePng(png({ ...head, colourType: 3 }, [[1, 2]]))).toThrow("damaged");
  expect(() => decodePng(png({ ...head, width: 2 ** 30, height: 2 ** 30 }, [[1, 2]]))).toThrow("more than can be read");
});
