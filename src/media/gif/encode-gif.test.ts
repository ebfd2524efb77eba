import { GifReader } from "omggif";
import { describe, expect, it } from "vitest";
import { readGifComments } from "../../formats/gif/comment.ts";
import { decodeGif } from "./decode.ts";
import { defaultGifEncoding, encodeGif, type GifEncoding } from "./encode-gif.ts";

const [width, height] = [48, 40];

/** A small square that moves over a still gradient. */
function frames(count: number): Uint8ClampedArray<ArrayBuffer>[] {
  return Array.from({ length: count }, (_, frame) => {
    const rgba = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const inSquare = x >= 4 + 3 * frame && x < 12 + 3 * frame && y >= 10 && y < 18;
      rgba.set(inSquare ? [250, 200, 20, 255] : [2 * x, 3 * y, 90, 255], 4 * i);
    }
    return rgba;
  });
}

function encode(count: number, choices: Partial<GifEncoding> = {}): Uint8Array {
  const delaysCs = Array.from({ length: count }, (_, i) => 12 + (i % 2));
  return encodeGif(
    { width, height, frames: frames(count), delaysCs, plays: 0, comment: "a square: Steps" },
    { ...defaultGifEncoding, ...choices },
  );
}

/** PSNR in decibels with a peak of 255. */
function psnr(gif: Uint8Array, count: number): number {
  const shown = decodeGif(gif, "test.gif").frames;
  let sum = 0;
  for (const [i, frame] of frames(count).entries())
    for (const [at, level] of frame.entries()) sum += (level - shown[i]![at]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / (count * width * height * 3)));
}

describe("an encoded GIF", () => {
  it("has every frame, its delay, the loop and the comment", () => {
    const gif = encode(5);
    const reader = new GifReader(gif);
    expect(reader.loopCount()).toBe(0);
    expect(Array.from({ length: 5 }, (_, i) => reader.frameInfo(i).delay)).toEqual([12, 13, 12, 13, 12]);
    expect(readGifComments(gif)).toEqual(["a square: Steps"]);
  });

  for (const palette of ["global", "per-frame"] as const) {
    for (const stillPixels of ["draw", "same"] as const) {
      it(`looks like its frames (${palette} palette, still pixels: ${stillPixels})`, () => {
        expect(psnr(encode(6, { palette, stillPixels }), 6)).toBeGreaterThan(38);
      });
    }
  }

  it("draws only moving pixels when allowed, which makes the file smaller and the picture no worse", () => {
    const [all, same] = [encode(6, { stillPixels: "draw" }), encode(6, { stillPixels: "same" })];
    const { x, y, width: w, height: h } = new GifReader(same).frameInfo(1);
    expect([x, y, w, h]).toEqual([4, 10, 11, 8]);
    expect(same.length).toBeLessThan(all.length / 2);
    expect(psnr(same, 6)).toBeGreaterThan(psnr(all, 6) - 0.2);
  });

  it("has one palette when one is good enough, and one for each frame when the hues change too much", () => {
    const turning = Array.from({ length: 6 }, (_, frame) => {
      const level = (x: number, turn: number) => 128 + 127 * Math.sin(x / 8 + frame / 2 + turn);
      const rgba = new Uint8ClampedArray(width * height * 4);
      for (let i = 0; i < width * height; i++) {
        const [x, y] = [i % width, Math.floor(i / width)];
        rgba.set([level(x, frame), level(y, 2 * frame), level(x + y, 4), 255], 4 * i);
      }
      return rgba;
    });
    const clip = { width, height, frames: turning, delaysCs: Array<number>(6).fill(12), plays: 0, comment: "" };
    const hasGlobalTable = (gif: Uint8Array) => (gif[10]! & 0x80) !== 0;
    expect(hasGlobalTable(encode(6))).toBe(true);
    expect(hasGlobalTable(encodeGif(clip, defaultGifEncoding))).toBe(false);
    expect(hasGlobalTable(encodeGif(clip, { ...defaultGifEncoding, palette: "global" }))).toBe(true);
  });

  it("leaves out nearly unchanged pixels only on request", () => {
    const flicker = [100, 104].map((level) => new Uint8ClampedArray(width * height * 4).fill(level));
    const clip = { width, height, frames: flicker, delaysCs: [10, 10], plays: 0, comment: "" };
    const second = (stillPixels: "same" | "near") =>
      decodeGif(encodeGif(clip, { ...defaultGifEncoding, stillPixels }), "").frames[1]![0];
    expect(second("same")).toBe(104);
    expect(second("near")).toBe(100);
  });
});
