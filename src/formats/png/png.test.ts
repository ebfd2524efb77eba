import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { pngChunks } from "./chunks.ts";
import { pictureData } from "./picture-data.ts";
import { readPngText, textChunk } from "./text.ts";
import { stillPng } from "./writer.ts";

/** Slopes, runs and noise, so that every filter is the best somewhere. */
function picture(width: number, height: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return [x * 5, y * 7, x * y, state >>> 24, 200 + ((x ^ y) & 1)][Math.floor(y / 4) % 5]! & 0xff;
  });
}

function png(text: string, width = 5, height = 4): Uint8Array {
  const texts = [textChunk("parameters", text)];
  return stillPng({ width, height, texts }, pictureData(picture(width, height), width, height));
}

describe("a PNG as another decoder reads it", () => {
  for (const [width, height] of [
    [1, 1],
    [7, 40],
    [33, 41],
  ] as const) {
    it(`has every pixel of ${width}×${height}, and right checksums`, () => {
      const decoded = decode(png("a", width, height), { checkCrc: true });
      expect([decoded.width, decoded.height, decoded.channels]).toEqual([width, height, 3]);
      expect(Buffer.compare(decoded.data as Uint8Array, picture(width, height))).toBe(0);
    });
  }

  it("compresses a smooth picture far below its bytes", () => {
    const [width, height] = [64, 64];
    const smooth = Uint8Array.from({ length: width * height * 3 }, (_, i) => 2 * (Math.floor(i / 3) % width) + (i % 3));
    expect(pictureData(smooth, width, height).length).toBeLessThan(smooth.length / 50);
  });

  it("has its text", () => {
    expect(decode(png("a café\nSteps: 3")).text).toEqual({ parameters: "a café\nSteps: 3" });
  });
});

describe("texts of a PNG", () => {
  for (const [text, type] of [
    ["a café\nSteps: 3", "tEXt"],
    ["金魚, a fish 🐟", "iTXt"],
    ["tab\tand carriage return\r\n", "iTXt"],
  ] as const) {
    it(`come back: ${JSON.stringify(text)} as ${type}`, () => {
      const file = png(text);
      expect([...pngChunks(file)].map((chunk) => chunk.type)).toEqual(["IHDR", type, "IDAT", "IEND"]);
      expect(readPngText(file, "parameters")).toBe(text);
      expect(readPngText(file, "prompt")).toBeNull();
    });
  }

  it("are refused where the file is cut off or none", () => {
    expect(() => readPngText(png("a").subarray(0, -15), "prompt")).toThrow("ends in the middle");
    expect(() => readPngText(new Uint8Array(20), "prompt")).toThrow("does not begin like a PNG");
  });
});
