/** A grid of animations as one: cells side by side in step, the values of the columns above them and of the rows beside them. */

import { fitText, LETTER_HEIGHT, textWidth, writeText } from "./bitmap-letters.ts";
import type { Pixels } from "./export/clip-encoder.ts";

export interface GridLabels {
  readonly columns: readonly string[];
  /** One, which may be empty, where the grid has a single axis. */
  readonly rows: readonly string[];
}

export interface CellSize {
  readonly width: number;
  readonly height: number;
}

const GAP = 4;
const MARGIN = 6;
const [PAPER, INK] = [255, 32];
/** Labels take no more of a sheet's width than this many cells. */
const MOST_LABEL = 1;

export interface SheetLayout extends CellSize {
  readonly scale: number;
  /** Of the first cell. */
  readonly left: number;
  readonly top: number;
}

export function sheetLayout({ columns, rows }: GridLabels, cell: CellSize): SheetLayout {
  const scale = Math.max(1, Math.round(cell.width / 160));
  const widest = Math.max(0, ...rows.map((row) => (row === "" ? 0 : textWidth(row, scale) + 2 * MARGIN)));
  const left = Math.min(Math.max(GAP, widest), GAP + MOST_LABEL * cell.width);
  const top = LETTER_HEIGHT * scale + 2 * MARGIN;
  const across = (count: number, side: number) => count * (side + GAP);
  return { scale, left, top, width: left + across(columns.length, cell.width), height: top + across(rows.length, cell.height) };
}

/** One frame of the sheet. @param pictureOf RGBA of a cell's size */
export function sheetFrame(labels: GridLabels, cell: CellSize, pictureOf: (column: number, row: number) => Pixels): Pixels {
  const { width, height, left, top, scale } = sheetLayout(labels, cell);
  const pixels: Pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  pixels.fill(PAPER);
  const canvas = { width, height, pixels };
  const write = (text: string, x: number, y: number) => writeText(canvas, text, x, y, scale, INK);
  for (const [i, text] of labels.columns.entries()) {
    const shown = fitText(text, cell.width, scale);
    write(shown, left + i * (cell.width + GAP) + Math.floor((cell.width - textWidth(shown, scale)) / 2), MARGIN);
  }
  for (const [j, text] of labels.rows.entries()) {
    const y = top + j * (cell.height + GAP);
    write(fitText(text, left - 2 * MARGIN, scale), MARGIN, y + Math.floor((cell.height - LETTER_HEIGHT * scale) / 2));
    for (const i of labels.columns.keys()) place(canvas, pictureOf(i, j), cell, left + i * (cell.width + GAP), y);
  }
  return pixels;
}

/**
 * All frames of the sheet. Shorter cells begin again until the longest has ended.
 * @param framesOf frames of a cell, RGBA of its size
 */
export function sheetFrames(
  labels: GridLabels,
  cell: CellSize,
  framesOf: (column: number, row: number) => readonly Pixels[],
): Pixels[] {
  const rows = labels.rows.map((_, row) => labels.columns.map((_, column) => framesOf(column, row)));
  const length = Math.max(...rows.flat().map((frames) => frames.length));
  return Array.from({ length }, (_, frame) =>
    sheetFrame(labels, cell, (column, row) => {
      const own = rows[row]![column]!;
      return own[frame % own.length]!;
    }),
  );
}

function place(
  sheet: { width: number; pixels: Pixels },
  picture: Pixels,
  { width, height }: CellSize,
  x: number,
  y: number,
): void {
  for (let row = 0; row < height; row++) {
    const line = picture.subarray(4 * row * width, 4 * (row + 1) * width);
    sheet.pixels.set(line, 4 * ((y + row) * sheet.width + x));
  }
}
