import { describe, expect, it } from "vitest";
import { readGif } from "./reader.ts";
import { GifWriter } from "./writer.ts";

const [CLEAR, RED, GREEN, BLUE] = ["-", "r", "g", "b"];
const COLOURS = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0);

interface Frame {
  readonly at: readonly [x: number, y: number];
  readonly width: number;
  /** Indices of red 0, green 1, blue 2; 3 is transparent. */
  readonly indices: readonly number[];
  readonly disposal?: number;
  readonly interlaced?: boolean;
}

/** A GIF of 4×2 pixels. The writer knows neither disposal nor interlacing, so their bits are set in its bytes. */
function gif(frames: readonly Frame[], height = 2): Uint8Array {
  const writer = new GifWriter({ width: 4, height, colours: COLOURS, plays: 0 });
  for (const { at, width, indices } of frames) {
    const rows = indices.length / width;
    writer.addFrame({
      ...{ x: at[0], y: at[1], width, height: rows, indices: Uint8Array.from(indices) },
      ...{ colours: null, transparent: 3, delayCs: 10 },
    });
  }
  const bytes = writer.finish();
  let at = 0;
  for (const { disposal = 1, interlaced = false } of frames) {
    at = bytes.findIndex((byte, i) => i >= at && byte === 0x21 && bytes[i + 1] === 0xf9);
    bytes[at + 3] = (disposal << 2) | 1;
    if (interlaced) bytes[at + 8 + 9]! |= 0x40;
    at += 8;
  }
  return bytes;
}

function shown(bytes: Uint8Array): string[] {
  return readGif(bytes).frames.map((frame) =>
    Array.from({ length: frame.length / 4 }, (_, i) => {
      const [r, g, , alpha] = frame.subarray(4 * i, 4 * i + 4);
      return alpha === 0 ? CLEAR : r === 255 ? RED : g === 255 ? GREEN : BLUE;
    }).join(""),
  );
}

const whole = { at: [0, 0], width: 4, indices: [0, 0, 0, 0, 0, 0, 0, 0] } as const;
const dot = { at: [1, 0], width: 2, indices: [1, 3] } as const;
const other = { at: [3, 1], width: 1, indices: [2] } as const;

describe("a frame is drawn over its predecessor after", () => {
  it("nothing, where the disposal is 0 or 1", () => {
    for (const disposal of [0, 1])
      expect(shown(gif([whole, { ...dot, disposal }, other]))).toEqual(["rrrrrrrr", "rgrrrrrr", "rgrrrrrb"]);
  });

  it("clearing the predecessor's area, where the disposal is 2", () => {
    expect(shown(gif([whole, { ...dot, disposal: 2 }, other]))).toEqual(["rrrrrrrr", "rgrrrrrr", "r--rrrrb"]);
  });

  it("bringing back what the predecessor covered, where the disposal is 3", () => {
    expect(shown(gif([whole, { ...dot, disposal: 3 }, other]))).toEqual(["rrrrrrrr", "rgrrrrrr", "rrrrrrrb"]);
  });
});

it("what no frame has drawn is transparent", () => {
  expect(shown(gif([dot]))).toEqual(["-g------"]);
});

it("interlaced rows come to their places, in pictures of few rows too", () => {
  for (const [height, order] of [
    [1, [0]],
    [3, [0, 2, 1]],
    [5, [0, 4, 2, 1, 3]],
  ] as const) {
    const indices = order.flatMap((row) => new Array(4).fill(row % 3));
    const rows = Array.from({ length: height }, (_, row) => [RED, GREEN, BLUE][row % 3]!.repeat(4));
    expect(shown(gif([{ at: [0, 0], width: 4, indices, interlaced: true }], height))).toEqual([rows.join("")]);
  }
});

it("a frame that juts out of the screen is cut off", () => {
  expect(shown(gif([whole, { at: [3, 1], width: 2, indices: [1, 1, 1, 1] }]))[1]).toBe("rrrrrrrg");
});

it("a GIF without pictures has none, one without its trailer is read, and one that ends in a picture is refused", () => {
  expect(readGif(gif([])).frames).toEqual([]);
  const bytes = gif([whole, dot]);
  expect(shown(bytes.subarray(0, -1))).toHaveLength(2);
  expect(() => readGif(bytes.subarray(0, -3))).toThrow("ends in the middle");
});
