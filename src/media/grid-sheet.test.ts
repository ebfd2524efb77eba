import { expect, it } from "vitest";
import { textWidth, writeText } from "./bitmap-letters.ts";
import { sheetFrame, sheetLayout } from "./grid-sheet.ts";

const cell = { width: 40, height: 20 };
const labels = { columns: ["CFG 3", "CFG 7"], rows: ["neon 0.4", "neon 0.8", ""] };

it("cells lie in their column and row, labels beside them on white", () => {
  const { width, height, left, top } = sheetLayout(labels, cell);
  const pixels = sheetFrame(labels, cell, (column, row) => new Uint8ClampedArray(4 * 40 * 20).fill(50 + 10 * column + 100 * row));
  expect(pixels).toHaveLength(4 * width * height);
  const at = (x: number, y: number) => pixels[4 * (y * width + x)]!;
  for (const [column, x] of [left, left + 44].entries())
    for (const [row, y] of [top, top + 24].entries()) {
      expect(at(x, y)).toBe(50 + 10 * column + 100 * row);
      expect(at(x + 39, y + 19)).toBe(50 + 10 * column + 100 * row);
      expect(at(x + 40, y)).toBe(255);
    }
  const dark = (from: number, to: number, above: number, below: number) => {
    let found = 0;
    for (let y = above; y < below; y++) for (let x = from; x < to; x++) if (at(x, y) < 100) found++;
    return found;
  };
  expect(dark(left, left + 40, 0, top), "first column's label").toBeGreaterThan(20);
  expect(dark(0, left, top, top + 20), "first row's label").toBeGreaterThan(20);
  expect(dark(0, left, top + 48, top + 68), "the empty one").toBe(0);
});

it("letters look like themselves", () => {
  const canvas = { width: 12, height: 8, pixels: new Uint8ClampedArray(4 * 12 * 8).fill(255) };
  writeText(canvas, "T1", 0, 0, 1, 0);
  const rows = Array.from({ length: 7 }, (_, y) =>
    Array.from({ length: textWidth("T1", 1) }, (_, x) => (canvas.pixels[4 * (y * 12 + x)] === 0 ? "#" : ".")).join(""),
  );
  expect(rows.slice(0, 3)).toEqual(["#####...#..", "#.#.#..##..", "..#.....#.."]);
});
