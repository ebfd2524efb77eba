import { decode, decodeApng } from "fast-png";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { pngChunks } from "../../formats/png/chunks.ts";
import { readPngText } from "../../formats/png/text.ts";
import { ApngEncoder } from "./apng-encoder.ts";
import { FramesZipEncoder } from "./frames-zip-encoder.ts";
import { SheetEncoder } from "./sheet-encoder.ts";
import { sheetGrid } from "./sheet-grid.ts";

const [width, height, frameCount] = [24, 16, 5];
const head = { width, height, fps: 12, frameCount, settings: "a square\nSteps: 3" };

/** A square that moves over a still gradient; the last frame repeats the one before. */
function frame(index: number): Uint8ClampedArray<ArrayBuffer> {
  const left = 3 * Math.min(index, frameCount - 2);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inSquare = x >= left && x < left + 4 && y >= 6 && y < 10;
    rgba.set(inSquare ? [250, 200, 20, 255] : [2 * x, 3 * y, 90, 255], 4 * i);
  }
  return rgba;
}

function rgb(rgba: Uint8ClampedArray): number[] {
  return [...rgba].filter((_, i) => i % 4 !== 3);
}

function encoded(encoder: { addFrame(pixels: Uint8ClampedArray<ArrayBuffer>): void; finish(): Uint8Array }): Uint8Array {
  for (let i = 0; i < frameCount; i++) encoder.addFrame(frame(i));
  return encoder.finish();
}

describe("an animated PNG", () => {
  const fractions: number[] = [];
  const file = encoded(new ApngEncoder(head, 3, (fraction) => fractions.push(fraction)));

  /** x, y, width, height of each frame's rectangle (section 11.3.5.2 of the specification). */
  const rectangles = [...pngChunks(file)]
    .filter(({ type }) => type === "fcTL")
    .map(({ data }) => {
      const view = new DataView(data.buffer, data.byteOffset);
      return [12, 16, 4, 8].map((at) => view.getUint32(at)) as [number, number, number, number];
    });

  it("shows every frame exactly, with its delay and the chosen number of plays", () => {
    const { frames, numberOfFrames, numberOfPlays, text } = decodeApng(file, { checkCrc: true });
    expect([numberOfFrames, numberOfPlays]).toEqual([frameCount, 3]);
    expect(text).toEqual({ parameters: head.settings });
    const shown: number[] = [];
    for (const [i, { data, delayNumber, delayDenominator }] of frames.entries()) {
      expect([delayNumber, delayDenominator]).toEqual([1, 12]);
      // fast-png leaves pixels that a frame does not draw black; browsers leave the previous pixels.
      const [left, top, w, h] = rectangles[i]!;
      for (let at = 0; at < data.length; at++) {
        const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
        if (x >= left && x < left + w && y >= top && y < top + h) shown[at] = data[at]!;
      }
      expect(shown, `frame ${i}`).toEqual(rgb(frame(i)));
    }
  });

  it("holds only the rectangle that changes, or a single pixel when nothing changes", () => {
    expect(rectangles).toEqual([
      [0, 0, width, height],
      [0, 6, 7, 4],
      [3, 6, 7, 4],
      [6, 6, 7, 4],
      [0, 0, 1, 1],
    ]);
  });

  it("reports its progress", () => {
    expect(fractions).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  });

  it("is a still picture of its first frame to programs that know no animation", () => {
    expect([...decode(file).data]).toEqual(rgb(frame(0)));
  });
});

it("a zip holds every frame as a PNG with the settings, in a folder", () => {
  const files = unzipSync(encoded(new FramesZipEncoder(head, "a-square-7", () => {})));
  expect(Object.keys(files)).toEqual(Array.from({ length: frameCount }, (_, i) => `a-square-7/000${i}.png`));
  for (const [i, png] of Object.values(files).entries()) {
    expect([...decode(png, { checkCrc: true }).data]).toEqual(rgb(frame(i)));
    expect(readPngText(png, "parameters")).toBe(head.settings);
  }
});

describe("a sprite sheet", () => {
  it("has the frames in rows, and black after the last", () => {
    const { columns, rows } = sheetGrid(frameCount, width, height);
    expect([columns, rows]).toEqual([2, 3]);
    const sheet = decode(encoded(new SheetEncoder(head)));
    expect([sheet.width, sheet.height]).toEqual([2 * width, 3 * height]);
    expect(sheet.text).toEqual({ parameters: head.settings });
    for (let i = 0; i < 6; i++) {
      const [left, top] = [(i % 2) * width, Math.floor(i / 2) * height];
      const rows = Array.from({ length: height }, (_, y) => {
        const at = 3 * ((top + y) * sheet.width + left);
        return [...sheet.data.subarray(at, at + 3 * width)];
      });
      expect(rows.flat()).toEqual(i < frameCount ? rgb(frame(i)) : Array(width * height * 3).fill(0));
    }
  });

  it("refuses a sheet that is too large for other programs", () => {
    expect(() => new SheetEncoder({ ...head, width: 2048, height: 2048, frameCount: 17 })).toThrow("8192 × 10240");
  });
});
