import { GifReader, GifWriter } from "omggif";
import { describe, expect, it } from "vitest";
import { insertGifComment, readGifComments } from "./comment.ts";

/** Two 4×4 pictures with a global palette, written by omggif; `loop` adds the NETSCAPE extension. */
function sampleGif(loop: boolean): Uint8Array {
  const buffer = new Uint8Array(4096);
  const writer = new GifWriter(buffer, 4, 4, { palette: [0xff0000, 0x0000ff], ...(loop ? { loop: 0 } : {}) });
  writer.addFrame(0, 0, 4, 4, Array<number>(16).fill(0), { delay: 12 });
  writer.addFrame(0, 0, 4, 4, Array<number>(16).fill(1), { delay: 13 });
  return buffer.slice(0, writer.end());
}

describe("GIF comments", () => {
  for (const loop of [true, false]) {
    it(`come back as written and leave pictures, delays and loop as they were (${loop ? "looping" : "played once"})`, () => {
      const before = new GifReader(sampleGif(loop));
      const commented = insertGifComment(sampleGif(loop), "a yellow fish");
      const after = new GifReader(commented);
      expect(readGifComments(commented)).toEqual(["a yellow fish"]);
      expect(after.numFrames()).toBe(2);
      expect([0, 1].map((i) => after.frameInfo(i).delay)).toEqual([12, 13]);
      expect(after.loopCount()).toBe(before.loopCount());
      const pixels = new Uint8Array(64);
      after.decodeAndBlitFrameRGBA(1, pixels);
      expect([...pixels.subarray(0, 4)]).toEqual([0, 0, 255, 255]);
    });
  }

  it("carry any length and any script: sub-blocks split in the middle of characters are joined before decoding", () => {
    const text = "ein größerer Fisch, 金魚, 🐠 ".repeat(60);
    expect(new TextEncoder().encode(text).byteLength).toBeGreaterThan(3 * 255);
    expect(readGifComments(insertGifComment(sampleGif(true), text))).toEqual([text]);
  });

  it("stay in order when there are several", () => {
    const twice = insertGifComment(insertGifComment(sampleGif(true), "first"), "second");
    expect(readGifComments(twice)).toEqual(["first", "second"]);
  });

  it("are none in a GIF without them", () => {
    expect(readGifComments(sampleGif(true))).toEqual([]);
  });

  it("are refused in what is not a GIF and in one that is cut short", () => {
    expect(() => readGifComments(new TextEncoder().encode("<!doctype html>"))).toThrow(/does not begin like a GIF/);
    expect(() => readGifComments(sampleGif(true).subarray(0, 60))).toThrow(/ends in the middle/);
    expect(() => readGifComments(new Uint8Array())).toThrow(/does not begin like a GIF/);
  });
});
