import { GifReader } from "omggif";
import { describe, expect, it } from "vitest";
import { GifWriter } from "./writer.ts";

/** Pixels of any depth that repeat little, the same every time. */
function pixels(count: number, colours: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % colours;
  });
}

function grey(colours: number): Uint8Array {
  return Uint8Array.from({ length: 3 * colours }, (_, i) => Math.floor(i / 3));
}

function decode(gif: Uint8Array, frame: number): Uint8Array {
  const reader = new GifReader(gif);
  const rgba = new Uint8Array(reader.width * reader.height * 4);
  for (let i = 0; i <= frame; i++) reader.decodeAndBlitFrameRGBA(i, rgba);
  return rgba.filter((_, i) => i % 4 === 0);
}

const whole = { x: 0, y: 0, colours: null, transparent: null, delayCs: 12 };

describe("a GIF as another decoder reads it", () => {
  for (const colours of [2, 3, 4, 16, 17, 255, 256]) {
    it(`gives back every pixel of ${colours} colours, through many full dictionaries`, () => {
      const indices = pixels(200 * 150, colours);
      const writer = new GifWriter({ width: 200, height: 150, colours: grey(colours), plays: 0 });
      writer.addFrame({ ...whole, width: 200, height: 150, indices });
      expect(decode(writer.finish(), 0)).toEqual(indices);
    });
  }

  it("gives back pictures of every small size, so that codes end at every bit and sub-blocks at every byte", () => {
    for (let width = 1; width <= 700; width += width < 300 ? 1 : 7) {
      const indices = pixels(width, 256);
      const writer = new GifWriter({ width, height: 1, colours: grey(256), plays: 0 });
      writer.addFrame({ ...whole, width, height: 1, indices });
      expect(Buffer.compare(decode(writer.finish(), 0), indices), `${width} wide`).toBe(0);
    }
  });

  it("compresses long runs, whose codes grow to their widest", () => {
    const indices = new Uint8Array(1500 * 1500).fill(3);
    const writer = new GifWriter({ width: 1500, height: 1500, colours: grey(4), plays: 0 });
    writer.addFrame({ ...whole, width: 1500, height: 1500, indices });
    const gif = writer.finish();
    expect(gif.length).toBeLessThan(5000);
    expect(decode(gif, 0).every((value) => value === 3)).toBe(true);
  });

  it("draws a small picture with its own colours over what it leaves transparent", () => {
    const writer = new GifWriter({ width: 3, height: 2, colours: grey(4), plays: 0 });
    writer.addFrame({ ...whole, width: 3, height: 2, indices: Uint8Array.of(0, 1, 2, 3, 0, 1) });
    const colours = Uint8Array.of(9, 9, 9, 8, 8, 8, 7, 7, 7);
    writer.addFrame({
      ...whole,
      x: 1,
      y: 1,
      width: 2,
      height: 1,
      indices: Uint8Array.of(2, 1),
      colours,
      transparent: 2,
      delayCs: 13,
    });
    const gif = writer.finish();
    expect([...decode(gif, 1)]).toEqual([0, 1, 2, 3, 0, 8]);
    const reader = new GifReader(gif);
    expect([0, 1].map((i) => reader.frameInfo(i).delay)).toEqual([12, 13]);
  });

  it("plays as often as asked", () => {
    const loopCounts = [0, 1, 2, 5].map((plays) => {
      const writer = new GifWriter({ width: 1, height: 1, colours: grey(2), plays });
      writer.addFrame({ ...whole, width: 1, height: 1, indices: Uint8Array.of(1) });
      return new GifReader(writer.finish()).loopCount();
    });
    // The file counts repeats after the first time; without the extension it plays once.
    expect(loopCounts).toEqual([0, null, 1, 4]);
  });
});
